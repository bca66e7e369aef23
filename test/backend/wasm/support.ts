import { expect } from 'vitest'
import type { Arithmetic } from '../../../src/backend/plan/arithmetic.ts'
import { relaxedSimd } from '../../../src/backend/wasm/assembler/features.ts'
import type { FunctionBuilder } from '../../../src/backend/wasm/assembler/function-builder.ts'
import type { ValueType } from '../../../src/backend/wasm/assembler/instructions.ts'
import { ModuleBuilder } from '../../../src/backend/wasm/assembler/module-builder.ts'
import type { LocalsOf } from '../../../src/backend/wasm/assembler/module-builder.ts'
import type { Partition } from '../../../src/backend/wasm/emit/partition.ts'

export const hasRelaxedSimd = relaxedSimd()

export const arithmetics: readonly Arithmetic[] = hasRelaxedSimd ? ['mul_add', 'fma'] : ['mul_add']

/** Compiles one function over a shared memory of the given pages and returns it with the memory. */
export function compileFunction<const Params extends readonly ValueType[]>(
  params: Params,
  results: readonly ValueType[],
  body: (f: FunctionBuilder, ...params: LocalsOf<Params>) => void,
  pages = 1,
): { call: (...args: number[]) => number; memory: WebAssembly.Memory } {
  const builder = new ModuleBuilder()
  const limits = { initial: pages, maximum: pages, shared: true } as const
  builder.importMemory('env', 'memory', limits)
  builder.export('call', builder.function({ params, results }, body))
  const memory = new WebAssembly.Memory(limits)
  const instance = new WebAssembly.Instance(new WebAssembly.Module(builder.toBytes()), { env: { memory } })
  const call = instance.exports['call']
  if (call === undefined) throw new Error('the module exports no function')
  return { call, memory }
}

export type Kernel = {
  readonly module: WebAssembly.Module
  readonly memory: WebAssembly.Memory
  /** Runs the kernel once for each thread, one after the other. */
  readonly run: (threads: number) => void
  readonly floats: (address: number, count: number) => Float32Array
}

/** Compiles a kernel as the function `run(thread, threads)` over at least 2 MiB and so many bytes of memory. */
export function compileKernel(
  bytes: number,
  emit: (f: FunctionBuilder, partition: Partition) => void,
): Kernel {
  const builder = new ModuleBuilder()
  const pages = Math.max(32, Math.ceil(bytes / 65536))
  const limits = { initial: pages, maximum: pages, shared: true } as const
  builder.importMemory('env', 'memory', limits)
  const signature = { params: ['i32', 'i32'], results: [] } as const
  builder.export(
    'run',
    builder.function(signature, (f, thread, threads) => {
      emit(f, { thread, threads })
    }),
  )
  const memory = new WebAssembly.Memory(limits)
  const module = new WebAssembly.Module(builder.toBytes())
  const call = new WebAssembly.Instance(module, { env: { memory } }).exports['run']
  return {
    module,
    memory,
    run(threads) {
      for (let thread = 0; thread < threads; thread++) call?.(thread, threads)
    },
    floats: (address, count) => new Float32Array(memory.buffer, address, count),
  }
}

/** Addresses of f32 buffers of so many elements, aligned and padded as the memory plan does it. */
export function buffersOf<const Sizes extends readonly number[]>(
  sizes: Sizes,
): { readonly [I in keyof Sizes]: number } & readonly number[]
export function buffersOf(sizes: readonly number[]): readonly number[] {
  let next = 64
  return sizes.map((size) => {
    const address = next
    next += Math.ceil((4 * size + 128) / 64) * 64
    return address
  })
}

/** Numbers between -1 and 1, the same for the same seed. */
export function randomNumbers(count: number, seed: number): Float32Array {
  const numbers = new Float32Array(count)
  let state = seed
  for (let i = 0; i < count; i++) {
    state = (Math.imul(state, 1664525) + 1013904223) | 0
    numbers[i] = state / 2 ** 31
  }
  return numbers
}

/** Compares f32 sums with exact ones: `scale` holds the sums of the terms' absolute values, `terms` their number. */
export function expectClose(
  actual: Float32Array,
  expected: ArrayLike<number>,
  scale: ArrayLike<number>,
  terms: number,
): void {
  for (let i = 0; i < expected.length; i++) {
    const error = Math.abs((actual[i] ?? NaN) - (expected[i] ?? NaN))
    const bound = (terms + 4) * 2 ** -24 * (scale[i] ?? 0) + 1e-30
    if (!(error <= bound)) expect.fail(`element ${i}: ${actual[i]} instead of ${expected[i]}`)
  }
}
