import type { FunctionBuilder, Vector } from '../assembler/function-builder.ts'

export type FourVectors = readonly [Vector, Vector, Vector, Vector]

/** Mixes four rows of a square; each function that it returns pushes a column, as long as `mixed` is unchanged. */
export function transposeSquare(
  f: FunctionBuilder,
  [row0, row1, row2, row3]: FourVectors,
  mixed: FourVectors,
): (() => void)[] {
  const [left01, left23, right01, right23] = mixed
  f.get(row0).get(row1).shuffle(0, 4, 1, 5).set(left01)
  f.get(row2).get(row3).shuffle(0, 4, 1, 5).set(left23)
  f.get(row0).get(row1).shuffle(2, 6, 3, 7).set(right01)
  f.get(row2).get(row3).shuffle(2, 6, 3, 7).set(right23)
  return [
    () => f.get(left01).get(left23).shuffle(0, 1, 4, 5),
    () => f.get(left01).get(left23).shuffle(2, 3, 6, 7),
    () => f.get(right01).get(right23).shuffle(0, 1, 4, 5),
    () => f.get(right01).get(right23).shuffle(2, 3, 6, 7),
  ]
}
