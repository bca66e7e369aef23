import { describe, expect, it } from 'vitest'

import type { RandomSpec } from '../../../src/backend/wasm/kernels/random.ts'
import { emitRandom } from '../../../src/backend/wasm/kernels/random.ts'
import { ModuleBuilder } from '../../../src/backend/wasm/assembler/module-builder.ts'
import type { Native } from '../../../src/engine/compiled/native.ts'
import { randomUniform, stream } from '../../../src/random.ts'
import { nativeFor, vectorNames } from './natives.ts'

const [COUNTER, SEED, OUTPUT] = [64, 128, 1024]
const NAME = 'dropout/test'

/** The numbers that some threads leave, with a pattern behind them. */
function numbersOf(
  spec: Pick<RandomSpec, 'seed' | 'length'>,
  counter: number,
  threads: number,
  native: Native,
): Float32Array {
  const limits = { initial: 1, maximum: 1, shared: true } as const
  const memory = new WebAssembly.Memory(limits)
  const floats = new Float32Array(memory.buffer).fill(7)
  const words = new Uint32Array(memory.buffer)
  words[COUNTER / 4] = counter
  words.set(stream(11, NAME).key, SEED / 4)
  const tiles = native.functionsOn(memory)
  const module = new ModuleBuilder()
  const params = ['i32', 'i32', 'i32', 'i32', 'i32'] as const
  const call = module.importFunction('env', 'multiply', { params, results: [] })
  module.importMemory('env', 'memory', limits)
  const run = module.function({ params: ['i32', 'i32'], results: [] }, (f, thread, count) =>
    emitRandom(
      f,
      { ...spec, counter: COUNTER, output: OUTPUT, stream: NAME, machine: { tiles, call } },
      { thread, threads: count },
    ),
  )
  module.export('run', run)
  const env = { memory, multiply: native.load(tiles).multiply() }
  const instance = new WebAssembly.Instance(new WebAssembly.Module(module.toBytes()), { env })
  for (let thread = 0; thread < threads; thread++) instance.exports['run']?.(thread, threads)
  return floats.subarray(OUTPUT / 4, OUTPUT / 4 + spec.length + 16)
}

describe.each(vectorNames)('random numbers in %s machine code', (vectors) => {
  const native = nativeFor(vectors)
  const missing = native === undefined

  it.skipIf(missing).each([1, 16, 63, 64, 65, 1000, 4096])('are those of the stream: %i', (length) => {
    for (const threads of [1, 3]) {
      for (const seed of [11, { address: SEED }]) {
        const counter = length === 1000 ? 0xfffffff0 : 5
        const numbers = native && numbersOf({ seed, length }, counter, threads, native)
        const expected = randomUniform(stream(11, NAME), counter, length)
        expect(numbers).toEqual(Float32Array.of(...expected, ...Array<number>(16).fill(7)))
      }
    }
  })
})
