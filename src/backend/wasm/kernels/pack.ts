// Copies panels of a matrix into the order in which a register tile reads them: for each step along the depth, the
// columns of the panel side by side.

import type { FunctionBuilder, Local } from '../assembler/assembler.ts'

/** Numbers of each step along the depth in a copy of so many columns. */
export function packedWidth(columns: number): number {
  return 4 * Math.ceil(columns / 4)
}

/**
 * Packs `columns` (at most WIDEST_PANEL) columns of a row-major [depth, stride] matrix: `source` is the address of the first
 * one. Lanes past the last column hold whatever is beside it.
 */
export function packColumns(
  f: FunctionBuilder,
  source: Local,
  target: Local,
  depth: number,
  stride: number,
  columns: number,
): void {
  const [from, to, k] = [f.local('i32'), f.local('i32'), f.local('i32')]
  const width = packedWidth(columns)
  f.get(source).set(from).get(target).set(to)
  f.for(k, 0, depth, 1, () => {
    for (let byte = 0; byte < width * 4; byte += 16) {
      f.get(to).get(from).memory('v128.load', byte).memory('v128.store', byte)
    }
    f.get(from)
      .i32(stride * 4)
      .op('i32.add')
      .set(from)
    f.get(to)
      .i32(width * 4)
      .op('i32.add')
      .set(to)
  })
}

/** Packs `columns` columns of a matrix that lies transposed in memory: [columns, stride], `depth` of the stride used. */
export function packRows(
  f: FunctionBuilder,
  source: Local,
  target: Local,
  depth: number,
  stride: number,
  columns: number,
): void {
  const [from, to, k] = [f.local('i32'), f.local('i32'), f.local('i32')]
  const rows = f.locals('v128', 4)
  const mixed = f.locals('v128', 4)
  const width = packedWidth(columns)
  const whole = Math.floor(depth / 4) * 4
  f.get(source).set(from).get(target).set(to)

  const [r0 = 0, r1 = 0, r2 = 0, r3 = 0] = rows
  const [m0 = 0, m1 = 0, m2 = 0, m3 = 0] = mixed
  if (whole > 0) {
    f.for(k, 0, whole, 4, () => {
      for (let first = 0; first < width; first += 4) {
        rows.forEach((row, i) => {
          const column = Math.min(first + i, columns - 1)
          f.get(from)
            .memory('v128.load', column * stride * 4)
            .set(row)
        })
        f.get(r0).get(r1).shuffle(0, 4, 1, 5).set(m0)
        f.get(r2).get(r3).shuffle(0, 4, 1, 5).set(m1)
        f.get(r0).get(r1).shuffle(2, 6, 3, 7).set(m2)
        f.get(r2).get(r3).shuffle(2, 6, 3, 7).set(m3)
        const at = (step: number): number => (step * width + first) * 4
        f.get(to).get(m0).get(m1).shuffle(0, 1, 4, 5).memory('v128.store', at(0))
        f.get(to).get(m0).get(m1).shuffle(2, 3, 6, 7).memory('v128.store', at(1))
        f.get(to).get(m2).get(m3).shuffle(0, 1, 4, 5).memory('v128.store', at(2))
        f.get(to).get(m2).get(m3).shuffle(2, 3, 6, 7).memory('v128.store', at(3))
      }
      f.get(from).i32(16).op('i32.add').set(from)
      f.get(to)
        .i32(width * 16)
        .op('i32.add')
        .set(to)
    })
  }
  for (let rest = 0; rest < depth - whole; rest++) {
    for (let column = 0; column < columns; column++) {
      f.get(to)
        .get(from)
        .memory('f32.load', (column * stride + rest) * 4)
        .memory('f32.store', (rest * width + column) * 4)
    }
  }
}
