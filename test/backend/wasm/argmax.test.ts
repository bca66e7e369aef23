import * as fc from 'fast-check'
import { expect, test } from 'vitest'

import { emitArgmax } from '../../../src/backend/wasm/kernels/argmax.ts'
import { runs } from '../../runs.ts'
import { buffersOf, compileKernel } from './support.ts'

const shape = fc.record({
  outer: fc.integer({ min: 1, max: 11 }),
  length: fc.integer({ min: 1, max: 9 }),
  inner: fc.constantFrom(1, 1, 2, 3, 4),
})
/** Few different numbers, so that rows have several largest ones. */
const number = fc.constantFrom(0, -0, 1, -1, 2.5, Infinity, -Infinity, NaN)

/** The first element that is not a number, else the first largest one. */
function expected(row: readonly number[]): number {
  const missing = row.findIndex(Number.isNaN)
  return missing < 0 ? row.indexOf(Math.max(...row)) : missing
}

test('the first largest element of each row is found, and before it one that is not a number', () => {
  fc.assert(
    fc.property(shape, fc.array(number, { minLength: 99 * 4, maxLength: 99 * 4 }), (sizes, numbers) => {
      const { outer, length, inner } = sizes
      const [x, output] = buffersOf([outer * length * inner, outer * inner])
      const kernel = compileKernel(1, (f, partition) => emitArgmax(f, { x, output, ...sizes }, partition))
      kernel.floats(x, outer * length * inner).set(numbers.slice(0, outer * length * inner))
      const found = new Int32Array(kernel.memory.buffer, output, outer * inner + 1)
      for (const threads of [1, 3]) {
        found.fill(-7)
        kernel.run(threads)
        const wanted = Array.from({ length: outer * inner }, (_, i) => {
          const start = Math.floor(i / inner) * length * inner + (i % inner)
          return expected(Array.from({ length }, (_, k) => numbers[start + k * inner] ?? 0))
        })
        expect([...found]).toEqual([...wanted, -7])
      }
    }),
    { numRuns: runs(60) },
  )
})
