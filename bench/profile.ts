// A training step kernel by kernel, on one thread, beside what the machine could do; see bench/README.md:
//   npm run bench:profile -- config.yaml [--set fit.batch_size=256]
//   npm run bench:profile -- --networks-file bench/networks.json [--networks lab,conv] [--top 12]

import { readFileSync } from 'node:fs'
import { parseArgs } from 'node:util'

import { environmentOf } from '../src/core/environment.ts'
import { DEFAULT_CONFIG } from '../src/experiment/default-config.ts'
import { readExperiment } from '../src/experiment/experiment.ts'
import { readSizes } from '../src/experiment/sized.ts'
import { taskOf } from '../src/experiment/task.ts'
import { openNative } from '../src/engine/compiled/native.ts'
import type { Task } from '../src/step/task.ts'
import { modelOf } from '../test/step/random-model.ts'
import type { Network } from './peers/conversation.ts'
import { measureMachine, shareOf } from './profile/machine.ts'
import type { Machine } from './profile/machine.ts'
import { profileStep } from './profile/step.ts'
import type { KernelProfile } from './profile/step.ts'

type Profiled = { readonly title: string; readonly task: Task; readonly batch: number }

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    'networks-file': { type: 'string' },
    networks: { type: 'string' },
    set: { type: 'string', multiple: true },
    /** Kernels to show of each step. */
    top: { type: 'string', default: '12' },
    /** Vectors of machine code, as NNLAB_NATIVE. */
    native: { type: 'string', default: 'auto' },
  },
})

/** The networks of a file in the form of bench/networks.json. */
function fromNetworks(file: string, wanted: string | undefined): Profiled[] {
  // The file is the project's own, or in its form.
  const networks = JSON.parse(readFileSync(file, 'utf8')) as Network[]
  const names = wanted?.split(',')
  return networks
    .filter(({ name }) => names === undefined || names.includes(name))
    .map(({ title, input, layers, loss, optimizer, batch }) => {
      const { task } = modelOf({ model: { input, layers }, compile: { loss, optimizer } }, batch)
      return { title, task, batch }
    })
}

async function fromConfig(config: string): Promise<Profiled> {
  const environment = environmentOf({})
  const experiment = await readSizes(
    await readExperiment(config, options.set ?? [], environment),
    environment,
  )
  return { title: config, task: taskOf(experiment), batch: experiment.spec.fit.batch_size }
}

function print(title: string, kernels: readonly KernelProfile[], machine: Machine): void {
  const total = kernels.reduce((sum, { ms }) => sum + ms, 0)
  const reached = kernels.reduce((sum, kernel) => sum + kernel.ms * shareOf(kernel, machine), 0)
  console.log(`\n${title}: ${total.toFixed(3)} ms, ${percent(reached / total)} of the roofline`)
  console.log('  share       us    GFLOP/s   GB/s  of roofline  kernel')
  const sorted = kernels.toSorted((a, b) => b.ms - a.ms)
  for (const kernel of sorted.slice(0, Number(options.top))) {
    const { ms, operations, bytes, label } = kernel
    const rate = (count: number): string => (count / ms / 1e6).toFixed(1)
    const columns = [
      percent(ms / total).padStart(7),
      (ms * 1e3).toFixed(1).padStart(8),
      rate(operations).padStart(10),
      rate(bytes).padStart(6),
      percent(shareOf(kernel, machine)).padStart(12),
    ]
    console.log(`${columns.join(' ')}  ${label}`)
  }
}

function percent(share: number): string {
  return `${(100 * share).toFixed(0)} %`
}

const vectors = (['auto', 'avx512', 'avx2', 'none'] as const).find((name) => name === options.native)
const native = openNative(vectors ?? 'auto')
const machine = measureMachine(native)
console.log(
  `peak ${machine.peak.toFixed(0)} GFLOP/s; copies ${machine.copies.map(({ bytes, rate }) => `${rate.toFixed(0)} GB/s of ${bytes / 1024} KB`).join(', ')}`,
)
const file = options['networks-file']
const profiled = file
  ? fromNetworks(file, options.networks)
  : [await fromConfig(positionals[0] ?? DEFAULT_CONFIG)]
for (const { title, task, batch } of profiled) print(title, profileStep(task, batch, native), machine)
