// The machine's roofline (Williams, Waterman & Patterson 2009): the rate of multiply-adds in registers, and the rates at
// which memory is copied, by the bytes that are touched.

import { ModuleBuilder } from '../../src/backend/wasm/assembler/module-builder.ts'
import type { Native } from '../../src/engine/compiled/native.ts'
import { peak } from '../kernel-cases.ts'

export type Machine = {
  /** GFLOP/s of one thread, in the widest vectors in use. */
  readonly peak: number
  /** GB/s, read and written, of copies, by the bytes that they touch, the smallest first. */
  readonly copies: readonly { readonly bytes: number; readonly rate: number }[]
}

/** Work of a kernel, and the milliseconds that it took. */
export type Measured = { readonly ms: number; readonly operations: number; readonly bytes: number }

/** The time that a kernel needs at least, as a share of what it took. */
export function shareOf({ ms, operations, bytes }: Measured, { peak, copies }: Machine): number {
  const rate = copies.find((copy) => bytes <= copy.bytes)?.rate ?? copies.at(-1)?.rate ?? Infinity
  return Math.max(operations / peak, bytes / rate) / 1e6 / ms
}

const KIBI = 1024
const TOUCHED = [16, 256, 1024, 16 * KIBI, 128 * KIBI].map((kibi) => kibi * KIBI)

export function measureMachine(native: Native | undefined): Machine {
  return { peak: native ? nativePeak(native) : modulePeak(), copies: copyRates() }
}

const WARM_MS = 300

/** Rates of copying one half of a piece of memory to the other, a cache line at a time. */
function copyRates(): Machine['copies'] {
  const limits = { initial: 2 * KIBI, maximum: 2 * KIBI, shared: true } as const
  const module = new ModuleBuilder()
  module.importMemory('env', 'memory', limits)
  const copy = module.function({ params: ['i32'], results: [] }, (f, half) => {
    const [from, to] = [f.local('i32'), f.local('i32')]
    f.get(half).set(to)
    f.for(from, 0, half, 64, () => {
      for (let byte = 0; byte < 64; byte += 16)
        f.get(to).get(from).memory('v128.load', byte).memory('v128.store', byte)
      f.get(to).i32(64).op('i32.add').set(to)
    })
  })
  module.export('copy', copy)
  const env = { memory: new WebAssembly.Memory(limits) }
  const run = new WebAssembly.Instance(new WebAssembly.Module(module.toBytes()), { env }).exports['copy']
  // The engine compiles the code again, for speed, while it runs.
  const warm = performance.now() + WARM_MS
  while (performance.now() < warm) run?.(8 * KIBI)
  return TOUCHED.map((bytes) => {
    const times = Math.ceil((4 * KIBI * KIBI) / bytes)
    const ms = fastest(40, () => {
      for (let i = 0; i < times; i++) run?.(bytes / 2)
    })
    return { bytes, rate: (times * bytes) / ms / 1e6 }
  })
}

/** The rate of 128-bit vectors. */
function modulePeak(): number {
  const limits = { initial: 1, maximum: 1, shared: true } as const
  const module = new ModuleBuilder()
  module.importMemory('env', 'memory', limits)
  module.export('peak', module.function({ params: [], results: [] }, peak.body))
  const env = { memory: new WebAssembly.Memory(limits) }
  const run = new WebAssembly.Instance(new WebAssembly.Module(module.toBytes()), { env }).exports['peak']
  return peak.flops / fastest(40, () => void run?.()) / 1e6
}

/** The rate of a tile whose operands never leave the first cache. */
function nativePeak(native: Native): number {
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true })
  const functions = native.functionsOn(memory)
  const columns = functions.sizes.usual
  const [rows, depth] = [functions.rowsBeside(columns), 20_000]
  const still = { row: 0, step: 0 }
  functions.functionOf({ rows, columns, depth, a: still, b: still, out: still, adds: false })
  const multiply = native.load(functions).multiply()
  const ms = fastest(200, () => multiply(0, 0, 64, 8192, 1))
  return (2 * rows * columns * depth) / ms / 1e6
}

function fastest(rounds: number, run: () => void): number {
  const times = Array.from({ length: rounds }, () => {
    const started = performance.now()
    run()
    return performance.now() - started
  })
  return Math.min(...times)
}
