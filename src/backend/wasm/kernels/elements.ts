// Expressions of numbers without sums, evaluated by a machine.

import { sizeOf } from '../../../ir/ir.ts'
import type { ElementProgram, ElementPlace } from '../../plan/element-program.ts'
import { pieceCount, splitWithRest } from '../../plan/pieces.ts'
import type { Pieces } from '../../plan/pieces.ts'
import { storesRows } from '../../plan/tile-machine.ts'
import type { FunctionBuilder } from '../assembler/function-builder.ts'
import { elementProgramOf } from '../emit/element-program.ts'
import type { Scene } from '../emit/scene.ts'
import { setLinear } from '../emit/integers.ts'
import { all, eachSize, inSlice, isSlice, share } from '../emit/partition.ts'
import type { Partition, PieceRange } from '../emit/partition.ts'
import type { ImportedMachine } from './machine.ts'

/** Numbers from which a call pays, and vectors of a piece, which one thread computes. */
const [NUMBERS, VECTORS] = [2048, 16]

/** Writes the loops over all elements of a group without sums; false where the machine cannot run them. */
export function emitElements(
  f: FunctionBuilder,
  scene: Scene,
  machine: ImportedMachine,
  partition: Partition | undefined,
): boolean {
  const { sizes } = scene.space
  const program = sizeOf(sizes) < NUMBERS ? undefined : elementProgramOf(undefined, scene)
  if (program === undefined) return false
  return (sizes.length === 1 ? emitLine : emitRows)(f, sizes, program, machine, partition)
}

/** One loop, of which threads share pieces. */
function emitLine(
  f: FunctionBuilder,
  [length = 0]: readonly number[],
  program: ElementProgram,
  { tiles, call }: ImportedMachine,
  partition: Partition | undefined,
): boolean {
  const { pieces, range } = linePieces(f, length, VECTORS * tiles.sizes.lanes, partition)
  const functionOf = (size: number): number | undefined =>
    tiles.sweepOf({ program: inRows(program, size), columns: size, sums: 0, row: 4 })
  if (pieces.some(({ size }) => functionOf(size) === undefined)) return false
  const at = f.integers('element', 'count', 'first')
  eachSize(f, pieces, range, at, (size) => {
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

/** Pieces of a line, which threads share; a slice of it is one piece. */
function linePieces(
  f: FunctionBuilder,
  length: number,
  size: number,
  partition: Partition | undefined,
): { readonly pieces: Pieces; readonly range: PieceRange } {
  if (isSlice(partition)) {
    const { from, to } = inSlice(length, partition)
    const pieces = [{ size: to - from, count: 1, start: from }]
    return { pieces, range: all(pieces) }
  }
  const pieces = splitWithRest(length, size)
  return { pieces, range: share(f, pieceCount(pieces), partition) }
}

/** The program of a line that is cut into rows of some columns. */
function inRows({ steps, stores }: ElementProgram, columns: number): ElementProgram {
  const cut = <T extends { readonly place: ElementPlace }>(at: T): T => {
    return { ...at, place: { ...at.place, row: at.place.column * columns } }
  }
  return { steps: steps.map((step) => (step.kind === 'load' ? cut(step) : step)), stores: stores.map(cut) }
}

/** Loops of which the last runs along the columns of rows, which threads share. */
function emitRows(
  f: FunctionBuilder,
  sizes: readonly number[],
  program: ElementProgram,
  { tiles, call }: ImportedMachine,
  partition: Partition | undefined,
): boolean {
  const [rows, [columns = 1]] = [sizeOf(sizes.slice(0, -1)), sizes.slice(-1)]
  const number = storesRows(columns, tiles.sizes)
    ? tiles.sweepOf({ program, columns, sums: 0, row: 4 })
    : undefined
  if (number === undefined) return false
  const at = f.integers('element', 'count', 'first')
  const pieces = splitWithRest(rows, 1)
  eachSize(f, pieces, share(f, rows, partition), at, () => {
    setLinear(f, at.first, 0, [at.element, 4])
    f.i32(number).i32(0).get(at.first).i32(0).get(at.count).call(call)
  })
  return true
}
