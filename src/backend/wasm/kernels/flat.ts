// Expressions of numbers that lie side by side, evaluated by a machine.

import { pieceCount, splitWithRest } from '../../plan/pieces.ts'
import type { FunctionBuilder } from '../assembler/function-builder.ts'
import { elementProgramOf } from '../emit/element-program.ts'
import type { Scene } from '../emit/expression.ts'
import { setLinear } from '../emit/integers.ts'
import { eachSize, share } from '../emit/partition.ts'
import type { Partition } from '../emit/partition.ts'
import type { ImportedMachine } from './machine.ts'

/** Numbers from which a call pays, and vectors of a piece, which one thread computes. */
const [NUMBERS, VECTORS] = [2048, 16]

/** Writes the loop over all elements of a group that has no other; false where the machine cannot run it. */
export function emitFlat(
  f: FunctionBuilder,
  scene: Scene,
  { tiles, call }: ImportedMachine,
  partition: Partition | undefined,
): boolean {
  const [length = 0] = scene.space.sizes
  const program = length < NUMBERS ? undefined : elementProgramOf(undefined, scene)
  if (program === undefined) return false
  const pieces = splitWithRest(length, VECTORS * tiles.sizes.lanes)
  const functionOf = (size: number): number | undefined =>
    tiles.sweepOf({ program, columns: size, width: size, sums: 4 * size, row: 4 })
  if (pieces.some(({ size }) => functionOf(size) === undefined)) return false
  const at = f.integers('element', 'count', 'first')
  eachSize(f, pieces, share(f, pieceCount(pieces), partition), at, (size) => {
    setLinear(f, at.first, 0, [at.element, 4])
    f.i32(functionOf(size) ?? 0)
      .i32(0)
      .i32(0)
      .get(at.first)
      .get(at.count)
      .call(call)
  })
  return true
}
