import { createRequire } from 'node:module'
import { describe, expect, it } from 'vitest'
import { NativeFunctions } from '../../../src/backend/native/functions.ts'
import { vectorFor } from '../../../src/backend/native/tiles.ts'
import { nativeFor } from './natives.ts'

type System = {
  load(path: null): { func(declaration: string): (...args: readonly (number | bigint)[]) => number }
  view(address: bigint, bytes: number): ArrayBuffer
}

const native = nativeFor('avx512') ?? nativeFor('avx2')
const PAGE = 4096
const [NONE, READ_WRITE, PRIVATE_ANONYMOUS] = [0, 3, 0x22]

/** Three pages that can be read and written, with pages around them that cannot: 1, 3 and 5 of the seven at an address. */
function guardedPages(): { address: bigint; floats: Float32Array[] } {
  const koffi = createRequire(import.meta.url)('@koromix/koffi-linux-x64') as System
  const system = koffi.load(null)
  const map = system.func('int64 mmap(int64, size_t, int, int, int, int64)')
  const protect = system.func('int mprotect(int64, size_t, int)')
  const address = BigInt(map(0, 7 * PAGE, NONE, PRIVATE_ANONYMOUS, -1, 0))
  const floats = [1, 3, 5].map((page) => {
    const at = address + BigInt(page * PAGE)
    expect(protect(at, PAGE, READ_WRITE)).toBe(0)
    return new Float32Array(koffi.view(at, PAGE))
  })
  return { address, floats }
}

/** Rows of b have as many numbers as vectors that hold the columns. */
const cases = [
  { rows: 6, columns: 16, depth: 9, tiles: 2, adds: false },
  { rows: 4, columns: 24, depth: 5, tiles: 3, adds: true },
  { rows: 12, columns: 8, depth: 3, tiles: 1, adds: true },
  { rows: 1, columns: 32, depth: 17, tiles: 1, adds: false },
  { rows: 5, columns: 8, depth: 4, tiles: 1, adds: false, matrices: 2 },
  { rows: 3, columns: 16, depth: 2, tiles: 2, adds: true, turns: 3 },
  { rows: 2, columns: 24, depth: 5, tiles: 1, adds: true, parts: 3 },
  { rows: 7, columns: 8, depth: 1, tiles: 1, adds: 'zero' as const, turns: 2, parts: 4 },
  { rows: 3, columns: 5, depth: 4, tiles: 2, adds: false },
  { rows: 4, columns: 13, depth: 9, tiles: 2, adds: true },
  { rows: 2, columns: 17, depth: 3, tiles: 1, adds: 'zero' as const, parts: 2 },
  { rows: 2, columns: 23, depth: 4, tiles: 2, adds: true, parts: 2 },
  { rows: 2, columns: 37, depth: 5, tiles: 2, adds: false },
  { rows: 3, columns: 16, depth: 5, tiles: 2, adds: false, own: true as const },
  { rows: 2, columns: 21, depth: 3, tiles: 1, adds: true, own: true as const },
]

const widths = [5, 16, 23, 32]

// An access outside ends the process.
describe.skipIf(native === undefined)('tiles in machine code touch nothing but their operands', () => {
  const machines = [
    { widest: 32, halves: false },
    { widest: 64, halves: false },
    { widest: 64, halves: true },
  ] as const
  const shapes = machines.flatMap((machine) => cases.map((shape) => ({ ...machine, ...shape })))
  it.each(shapes.filter(({ widest }) => widest <= (native?.vector ?? 0)))(
    '%o',
    ({
      widest,
      halves,
      rows,
      columns,
      depth: steps,
      tiles,
      adds,
      own,
      matrices = 1,
      turns = 1,
      parts = 1,
    }) => {
      const depth = steps * turns * parts
      const lanes = vectorFor({ vector: widest, halves }, columns) / 4
      const width = lanes * Math.ceil(columns / lanes)
      const { address, floats } = guardedPages()
      const functions = new NativeFunctions({ vector: widest, halves, windows: false }, address)
      // Numbers of a that a step reads.
      const each = own ? width : 1
      const sizes = [rows * tiles * depth * each, depth * width, rows * tiles * columns].map(
        (size) => size * matrices,
      )
      const [a = 0, b = 0, out = 0] = sizes.map((size) => (4 * size) / matrices)
      functions.functionOf({
        rows,
        columns,
        depth: steps,
        a: { row: 4 * depth * each, step: 4 * each, ...(own && { own }) },
        b: { step: 4 * width },
        out: { row: 4 * columns },
        adds,
        runs: [{ count: turns, a: 4 * steps * each, b: 4 * steps * width }],
        ...(parts > 1 && {
          parts: { count: parts, a: 4 * steps * turns, b: 4 * steps * turns * width },
        }),
        ...(matrices > 1 && { matrices: { tiles, a, b, out } }),
      })
      const multiply = native?.load(functions).multiply()
      for (const page of floats) page.fill(1)
      const starts = [1, 3, 5].map((page) => page * PAGE)
      const ends = sizes.map((size, i) => (starts[i] ?? 0) + PAGE - 4 * size)
      for (const [x = 0, y = 0, z = 0] of [starts, ends])
        multiply?.(0, x, y, z, matrices > 1 ? matrices : tiles)
      const before = adds === true ? 1 : 0
      expect(floats[2]?.[0]).toBe(depth + before)
      expect(floats[2]?.at(-1)).toBe(depth + before)
    },
  )
})

describe.skipIf(native === undefined)('sweeps in machine code touch nothing but their operands', () => {
  const shapes = ([32, 64] as const).flatMap((widest) => widths.map((columns) => ({ widest, columns })))
  const some = shapes.filter(({ widest }) => widest <= (native?.vector ?? 0))
  it.each(some.flatMap((shape) => [1, 3].map((matrices) => ({ ...shape, matrices }))))('%o', (shape) => {
    const { widest, columns, matrices } = shape
    const rows = 3
    for (const [first, free] of [
      [0, 0],
      [PAGE - 4 * rows * columns, PAGE - 4 * columns],
    ] as const) {
      const { address, floats } = guardedPages()
      const functions = new NativeFunctions({ vector: widest, halves: false, windows: false }, address)
      functions.sweepOf({
        program: {
          steps: [
            { kind: 'load', place: { row: 0, column: 1 }, address: 3 * PAGE + free },
            { kind: 'binary', function: 'add', x: 0, y: 1 },
          ],
          stores: [{ value: 2, address: 5 * PAGE + first, place: { row: columns, column: 1 } }],
        },
        columns,
        sums: 4 * columns,
        row: 4,
        ...(matrices > 1 && {
          matrices: {
            rows: rows / matrices,
            sums: (4 * columns * rows) / matrices,
            row: (4 * rows) / matrices,
          },
        }),
      })
      for (const page of floats) page.fill(1)
      native?.load(functions).multiply()(0, PAGE + first, 0, 0, matrices > 1 ? matrices : rows)
      const numbers = floats[2]?.map((x, i) =>
        4 * i >= first && 4 * i < first + 4 * rows * columns ? x : x + 1,
      )
      expect(new Set(numbers)).toEqual(new Set([2]))
    }
  })
})
