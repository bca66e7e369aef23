import { ModuleBuilder } from '../../../src/compiler/wasm/assembler.ts'
import type { FunctionBuilder, Local, ValueType } from '../../../src/compiler/wasm/assembler.ts'
import { relaxedSimd } from '../../../src/compiler/wasm/features.ts'

export const hasRelaxedSimd = relaxedSimd()

/** Compiles one function over a shared memory of the given pages and returns it with the memory. */
export function compileFunction(
  params: readonly ValueType[],
  results: readonly ValueType[],
  body: (f: FunctionBuilder, ...params: Local[]) => void,
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
