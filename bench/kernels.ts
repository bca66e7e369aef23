// Rates of the compiler's kernels beside the machine's own, on one thread (arithmetic in registers, or copying memory):
//   npm run bench:kernels -- [filter]     a line for each kernel
//   npm run bench:kernels -- --check      fails where one has lost a quarter of the share in kernels.json
//   npm run bench:kernels -- --record     writes this machine's shares into kernels.json
// Times are the process's own (another one may hold the processor). Repeats are short, and those of all cases
// interleaved, so that a noisy machine is noisy for all of them and a quiet moment enough for each.

import { readFileSync, writeFileSync } from 'node:fs'
import * as z from 'zod'

import { ModuleBuilder } from '../src/backend/wasm/assembler/module-builder.ts'
import { arithmetic, convolutions, copy, matmul, MEMORY, peak, pools } from './kernel-cases.ts'
import type { Case } from './kernel-cases.ts'
import { processorKind } from './processor.ts'

/** Those of the benchmark networks, in batches that take about a millisecond. */
const CHECKED: readonly Case[] = [
  matmul(50, 784, 20),
  matmul(784, 50, 20, true),
  matmul(32, 784, 128),
  matmul(784, 32, 128, true),
  matmul(128, 512, 512),
  matmul(512, 128, 512, true),
  matmul(128, 512, 512, false, true),
  ...convolutions(32, 28, 1, 32, 3),
  ...convolutions(16, 13, 32, 64, 3),
  ...convolutions(8, 16, 64, 64, 3, { padding: 1, stride: 2 }),
  ...pools(32, 26, 32),
]

const CASES: readonly Case[] = [
  matmul(512, 512, 512),
  matmul(512, 512, 512, true),
  matmul(512, 512, 512, false, true),
  matmul(4, 2, 1),
  matmul(4, 2, 2),
  matmul(50, 784, 20),
  matmul(784, 50, 20, true),
  matmul(50, 20, 10),
  matmul(32, 784, 128),
  matmul(784, 32, 128, true),
  matmul(32, 128, 10),
  matmul(32, 10, 128, false, true),
  matmul(128, 784, 512),
  matmul(784, 128, 512, true),
  matmul(128, 512, 512),
  matmul(512, 128, 512, true),
  matmul(128, 512, 512, false, true),
  matmul(128, 512, 10),
  matmul(128, 1600, 10),
  matmul(256, 512, 1),
  matmul(512, 256, 1, true),
  matmul(64, 8192, 64, true),
  ...convolutions(128, 28, 1, 32, 3),
  ...pools(128, 26, 32),
  ...pools(128, 11, 64),
  ...convolutions(128, 13, 32, 64, 3),
  ...convolutions(128, 14, 32, 64, 3, { padding: 1 }),
  ...convolutions(128, 14, 32, 64, 5, { padding: 2 }),
  ...convolutions(32, 16, 64, 64, 3, { padding: 1, stride: 2 }),
  ...convolutions(32, 14, 128, 128, 3, { padding: 1 }),
  ...convolutions(32, 14, 64, 128, 1),
  ...convolutions(64, 14, 64, 64, 3, { padding: 1, groups: 64 }),
]

/** A kernel and its times so far, in ms. */
type Timed = Case & { readonly run: () => void; readonly times: number[] }

function prepare(cases: readonly Case[]): Timed[] {
  const pages = MEMORY / 65536
  const limits = { initial: pages, maximum: pages, shared: true } as const
  const memory = new WebAssembly.Memory(limits)
  const data = new Float32Array(memory.buffer)
  for (let i = 0; i < data.length; i++) data[i] = ((i * 2654435761) % 1000) / 1000 - 0.5
  const module = new ModuleBuilder()
  module.importMemory('env', 'memory', limits)
  for (const { name, body } of cases) module.export(name, module.function({ params: [], results: [] }, body))
  const instance = new WebAssembly.Instance(new WebAssembly.Module(module.toBytes()), { env: { memory } })
  return cases.map((entry) => ({ ...entry, run: () => void instance.exports[entry.name]?.(), times: [] }))
}

/** Times every case once, over so many operations or one call. */
function time(timed: readonly Timed[], operations: number): void {
  for (const { flops, run, times } of timed) {
    const count = Math.min(Math.max(1, Math.round(operations / flops)), 100_000)
    const start = process.cpuUsage()
    for (let k = 0; k < count; k++) run()
    const { user, system } = process.cpuUsage(start)
    times.push((user + system) / 1000 / count)
  }
}

function print(cases: readonly Case[]): void {
  const timed = prepare([peak, ...cases])
  for (let round = 0; round < 40; round++) time(timed, 1e8)
  for (const { name, flops, times } of timed) {
    const sorted = times.slice(10).sort((x, y) => x - y)
    const median = sorted[Math.floor(sorted.length / 2)] ?? NaN
    const rate = (ms: number): string => (flops / ms / 1e6).toFixed(1).padStart(6)
    const micros = (median * 1e3).toFixed(3).padStart(11)
    console.log(`${name.padEnd(44)}${micros} us ${rate(median)} GFLOP/s  best ${rate(Math.min(...times))}`)
  }
}

const RECORD = 'bench/kernels.json'
/** What shares of the peak depend on, beside the kernels. */
const MACHINE = `${processorKind()}, ${arithmetic}`
/** Rounds after which the best of them counts, and after which it is not going to get better. */
const [FEWEST, MOST] = [60, 3000]

/** The best rate of each case beside the best of what bounds it, once `enough` is content with them or has to be. */
function shares(enough: (shares: ReadonlyMap<string, number>) => boolean): ReadonlyMap<string, number> {
  const timed = prepare([peak, copy, ...CHECKED])
  const rate = ({ flops, times }: Timed): number => flops / Math.min(...times)
  for (let round = 1; ; round++) {
    time(timed, 2e7)
    const [arithmetic, memory, ...others] = timed
    if (arithmetic === undefined || memory === undefined || round % FEWEST > 0) continue
    const shareOf = (entry: Timed): number =>
      rate(entry) / rate(entry.bound === 'memory' ? memory : arithmetic)
    const found = new Map(others.map((entry) => [entry.name, shareOf(entry)]))
    if (enough(found) || round >= MOST) return found
  }
}

/** Shares by the machine. */
const recordFile = z.record(z.string(), z.record(z.string(), z.number()))

function readRecord(): z.infer<typeof recordFile> {
  return recordFile.parse(JSON.parse(readFileSync(RECORD, 'utf8')))
}

function record(): void {
  let rounds = 0
  const found = shares(() => (rounds += FEWEST) >= MOST / 10)
  const rounded = [...found].map(([name, share]) => [name, Number(share.toFixed(3))] as const)
  const content = { ...readRecord(), [MACHINE]: Object.fromEntries(rounded) }
  writeFileSync(RECORD, `${JSON.stringify(content, null, 2)}\n`)
}

/** Whether no kernel has become slower; unknown, and so yes, on a machine that is not recorded. */
function check(): boolean {
  const records = readRecord()
  const recorded = records[MACHINE]
  if (recorded === undefined) {
    console.log(`kernels not checked: recorded on ${Object.keys(records).join('; ')}, this is ${MACHINE}`)
    return true
  }
  const lost = (name: string, share: number): boolean => !(share >= 0.75 * (recorded[name] ?? Infinity))
  const found = shares((all) => ![...all].some(([name, share]) => lost(name, share)))
  for (const [name, share] of found) {
    const verdict = lost(name, share) ? '  more than a quarter slower' : ''
    console.log(`${name.padEnd(60)} ${share.toFixed(3)} of its bound, recorded ${recorded[name]}${verdict}`)
  }
  return ![...found].some(([name, share]) => lost(name, share))
}

const [argument = ''] = process.argv.slice(2)
if (argument === '--record') record()
else if (argument === '--check') process.exitCode = check() ? 0 : 1
else print(CASES.filter(({ name }) => name.includes(argument)))
