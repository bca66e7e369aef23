import { expect, test } from 'vitest'
import { ModuleBuilder } from '../../../src/backend/wasm/assembler/module-builder.ts'
import { defineFlush } from '../../../src/backend/wasm/loop/subnormals.ts'

/** What becomes of two buffers, of 6 numbers and of 1, after so many steps. */
function flush(done: number, first: number[], second: number): number[] {
  const module = new ModuleBuilder()
  module.importMemory('env', 'memory', { initial: 1, maximum: 1, shared: true })
  const states = [
    { offset: 64, shape: [2, 3], negligible: 2 ** -126 },
    { offset: 128, shape: [], negligible: 2 ** -100 },
  ] as const
  module.export('flush', defineFlush(module, states))
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true })
  const numbers = new Float32Array(memory.buffer)
  numbers.set(first, 16)
  numbers[32] = second
  new WebAssembly.Instance(new WebAssembly.Module(module.toBytes()), { env: { memory } }).exports['flush']?.(
    done,
  )
  return [...numbers.slice(16, 22), numbers[32] ?? NaN]
}

const numbers = [1e-38, -1e-38, 2 ** -126, 0, NaN, -Infinity]

test('every 64 steps what is negligible becomes 0', () => {
  const kept = [2 ** -126, 0, NaN, -Infinity]
  expect(flush(64, numbers, 1e-45)).toEqual([0, 0, ...kept, 0])
  expect(flush(64, numbers, 1e-31)).toEqual([0, 0, ...kept, 0])
  expect(flush(128, numbers, 2 ** -100)).toEqual([0, 0, ...kept, 2 ** -100])
})

test('in between nothing changes', () => {
  expect(flush(63, numbers, 1e-45)).toEqual([...numbers, 1e-45].map(Math.fround))
})
