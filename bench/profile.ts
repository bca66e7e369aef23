// A training step kernel by kernel, on one thread, beside what the machine could do; see bench/README.md:
//   npm run bench:profile -- config.yaml [--set fit.batch_size=256]
//   npm run bench:profile -- --networks-file bench/networks.json [--networks lab,conv] [--top 12]
//   npm run bench:profile -- --random 7 20

import { parseArgs } from 'node:util'

import { environmentOf } from '../src/core/environment.ts'
import { DEFAULT_CONFIG } from '../src/experiment/default-config.ts'
import { readExperiment } from '../src/experiment/experiment.ts'
import { readSizes } from '../src/experiment/sized.ts'
import { taskOf } from '../src/experiment/task.ts'
import { openNative } from '../src/engine/compiled/native.ts'
import type { Task } from '../src/step/task.ts'
import { modelOf } from '../test/step/random-model.ts'
import { networksIn } from './networks.ts'
import type { Network } from './peers/conversation.ts'
import { measureMachine, shareOf } from './profile/machine.ts'
import { profileStep } from './profile/step.ts'
import type { KernelProfile } from './profile/step.ts'
import { randomNetworks } from './random-networks.ts'

type Subject = { readonly title: string; readonly task: Task; readonly batch: number }

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    'networks-file': { type: 'string' },
    networks: { type: 'string' },
    /** Random networks: the seed, then their number. */
    random: { type: 'string' },
    set: { type: 'string', multiple: true },
    /** Kernels to show of each step. */
    top: { type: 'string', default: '12' },
    /** Vectors of machine code, as NNLAB_NATIVE. */
    native: { type: 'string', default: 'auto' },
  },
})

function subjectOf({ title, input, layers, loss, optimizer, batch }: Network): Subject {
  const { task } = modelOf({ model: { input, layers }, compile: { loss, optimizer } }, batch)
  return { title, task, batch }
}

async function subjects(): Promise<Subject[]> {
  const { random, networks, 'networks-file': file } = options
  if (random !== undefined) return randomNetworks(Number(random), Number(positionals[0] ?? 20)).map(subjectOf)
  if (file === undefined) return [await fromConfig(positionals[0] ?? DEFAULT_CONFIG)]
  const names = networks?.split(',')
  return networksIn(file)
    .filter(({ name }) => names === undefined || names.includes(name))
    .map(subjectOf)
}

async function fromConfig(config: string): Promise<Subject> {
  const environment = environmentOf({})
  const experiment = await readSizes(
    await readExperiment(config, options.set ?? [], environment),
    environment,
  )
  return { title: config, task: taskOf(experiment), batch: experiment.spec.fit.batch_size }
}

function printKernels(title: string, kernels: readonly KernelProfile[]): void {
  const total = totalOf(kernels)
  const reached = kernels.reduce((sum, kernel) => sum + kernel.ms * shareOf(kernel, machine), 0)
  console.log(`\n${title}: ${total.toFixed(3)} ms, ${percent(reached / total)} of the roofline`)
  if (Number(options.top) === 0) return
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

/** Kinds of kernels below their bar in the parts of steps that take 95 % of the time, by what they lose in a step on average. */
function printLosses(): void {
  const kinds = new Map<string, { lost: number; share: number; networks: Set<number> }>()
  for (const [network, kernels] of profiles.entries()) {
    const total = totalOf(kernels)
    for (const kernel of mostOf(kernels, 0.95 * total)) {
      const lost = Math.max(0, 1 - shareOf(kernel, machine) / barOf(kernel.kind)) * kernel.ms
      if (lost === 0) continue
      const kind = kinds.get(kernel.kind) ?? { lost: 0, share: 0, networks: new Set() }
      kind.lost += lost / total / profiles.length
      kind.share += kernel.ms / total / profiles.length
      kinds.set(kernel.kind, { ...kind, networks: kind.networks.add(network) })
    }
  }
  console.log('\nlost, of a step on average; share of the step; networks; kernels below their bar')
  for (const [kind, { lost, share, networks }] of [...kinds]
    .sort(([, a], [, b]) => b.lost - a.lost)
    .slice(0, 40))
    console.log(`${fine(lost)} ${fine(share)} ${String(networks.size).padStart(4)}  ${kind}`)
}

/** The longest kernels that take so many milliseconds together. */
function mostOf(kernels: readonly KernelProfile[], ms: number): KernelProfile[] {
  let before = 0
  return kernels
    .toSorted((a, b) => b.ms - a.ms)
    .filter((kernel) => {
      const counts = before < ms
      before += kernel.ms
      return counts
    })
}

/** The share of the roofline that a kernel should reach. */
function barOf(kind: string): number {
  return /^(matmul|convolution)/.test(kind) ? 0.75 : 0.6
}

function totalOf(kernels: readonly KernelProfile[]): number {
  return kernels.reduce((sum, { ms }) => sum + ms, 0)
}

function fine(share: number): string {
  return `${(100 * share).toFixed(2)} %`.padStart(8)
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
const profiles: (readonly KernelProfile[])[] = []
for (const { title, task, batch } of await subjects()) {
  const kernels = profileStep(task, batch, native)
  profiles.push(kernels)
  printKernels(title, kernels)
}
if (profiles.length > 1) printLosses()
