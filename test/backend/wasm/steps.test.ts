import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ModuleBuilder } from '../../../src/backend/wasm/assembler/module-builder.ts'
import { BARRIER_BYTES } from '../../../src/backend/wasm/loop/barrier.ts'
import type { Gather } from '../../../src/backend/wasm/loop/gather.ts'
import { defineSteps } from '../../../src/backend/wasm/loop/steps.ts'

const STORAGES = {
  u8: (buffer: ArrayBufferLike, at: number, length: number) => new Uint8Array(buffer, at, length),
  i32: (buffer: ArrayBufferLike, at: number, length: number) => new Int32Array(buffer, at, length),
  f32: (buffer: ArrayBufferLike, at: number, length: number) => new Float32Array(buffer, at, length),
}
const [POINTER, ORDER, ORDER_POINTER, DATA, TARGET] = [BARRIER_BYTES, 1024, BARRIER_BYTES + 4, 4096, 1 << 15]

/** The inputs of the program for one batch of these rows. */
function gather(
  {
    storage,
    size,
    to,
    scale,
  }: Pick<Gather, 'storage' | 'size' | 'to'> & { scale?: Gather['scale'] | undefined },
  data: readonly number[],
  order: readonly number[],
  cut: readonly number[] = [],
  threads = 1,
): number[] {
  const module = new ModuleBuilder()
  module.importMemory('env', 'memory', { initial: 1, maximum: 1, shared: true })
  const run = module.function({ params: ['i32', 'i32'], results: [] }, () => undefined)
  const gathers = [{ storage, size, to, source: POINTER, target: TARGET, ...(scale && { scale }) }]
  const spec = { batch: order.length, order: ORDER_POINTER, gathers, tallies: [], collects: [] }
  // Threads run here one after the other.
  const barrier = module.function({ params: ['i32'], results: [] }, () => undefined)
  module.export('steps', defineSteps(module, run, barrier, spec, { states: [], cut: new Set(cut) }))
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true })
  new Int32Array(memory.buffer, POINTER, 2).set([DATA, ORDER])
  new Int32Array(memory.buffer, ORDER).set(order)
  STORAGES[storage](memory.buffer, DATA, data.length).set(data)
  const { steps } = new WebAssembly.Instance(new WebAssembly.Module(module.toBytes()), { env: { memory } })
    .exports
  for (let thread = 0; thread < threads; thread++) expect(steps?.(thread, threads, 0, 1)).toBe(1)
  return [...STORAGES[to](memory.buffer, TARGET, order.length * size)]
}

test('a batch has the rows of its order, converted and scaled, whatever the threads and what they share', () => {
  const columns = fc.record({
    storage: fc.constantFrom('u8', 'i32', 'f32'),
    size: fc.integer({ min: 1, max: 100 }),
    scale: fc.constantFrom(undefined, { multiply: 0.25, add: -3 }),
  })
  const threads = fc.integer({ min: 1, max: 5 })
  const cuts = fc.constantFrom([], [TARGET])
  const orders = fc.array(fc.integer({ min: 0, max: 4 }), { minLength: 1, maxLength: 6 })
  fc.assert(
    fc.property(columns, orders, threads, cuts, ({ storage, size, scale }, order, threads, cut) => {
      const data = Array.from({ length: 5 * size }, (_, i) => (i * 37 + 11) % 251)
      const { multiply, add } = scale ?? { multiply: 1, add: 0 }
      const expected = order.flatMap((row) => data.slice(row * size, (row + 1) * size))
      expect(gather({ storage, size, to: 'f32', scale }, data, order, cut, threads)).toEqual(
        expected.map((x) => x * multiply + add),
      )
      if (storage !== 'f32') {
        expect(gather({ storage, size, to: 'i32' }, data, order, cut, threads)).toEqual(expected)
      }
    }),
  )
})
