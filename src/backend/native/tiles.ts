// The register tile as machine code: a few rows by a few vectors of columns whose sums stay in registers while they run
// along the depth. Each lane is one fused multiply-add after the other, as in WebAssembly: the same bits in any width.

import type { TileSizes } from '../plan/matmul.ts'
import type { TileRun } from '../plan/tile-machine.ts'
import type { Assembler } from './assembler.ts'
import type { Register, VectorBytes } from './assembler.ts'

/** Steps along the depth that a turn of the loop takes. */
const UNROLLED = 4

/** Rows of a tile by its vectors of columns: as many sums as registers leave beside the operands. */
const ROWS: Readonly<Record<VectorBytes, readonly number[]>> = { 32: [12, 6, 4], 64: [14, 12, 8] }

export function rowsBeside(vector: VectorBytes, columns: number): number {
  return ROWS[vector][Math.ceil((4 * columns) / vector) - 1] ?? 1
}

/** The vectors of a tile: the widest there are, or narrower ones for columns that do not fill them. */
export function vectorFor(widest: VectorBytes, columns: number): VectorBytes {
  return (4 * columns) % widest === 0 ? widest : 32
}

/** Panels of two vectors, of three for what is left of a row; 24 rows are whole tiles of every width. */
export function tileSizes(vector: VectorBytes): TileSizes {
  const lanes = vector / 4
  return { lanes, usual: 2 * lanes, widest: 3 * lanes, usualRows: 24, commonRows: 24, waits: true }
}

/** Arguments of a function in the System V calling convention, and registers that it need not keep. */
const [a, b, out, count] = ['rdi', 'rsi', 'rdx', 'rcx'] as const satisfies readonly Register[]
const [aAt, bAt, turns, tiles, start] = [
  'r8',
  'r9',
  'r10',
  'r11',
  'rax',
] as const satisfies readonly Register[]

/**
 * The function (a, b, out, count) of tiles, whose addresses count from `memory`, an address of this process. It keeps no
 * stack, calls nothing, and touches only the rows, columns and depth of its tiles, in whole vectors of columns.
 */
export function emitTiles(code: Assembler, memory: bigint, run: TileRun): void {
  const { rows, columns, depth, matrices } = run
  const { vector } = code
  const vectors = Math.ceil((4 * columns) / vector)
  const sums = rows * vectors
  const [firstOfB, ofA] = [sums, sums + vectors]
  code.set(start, memory)
  for (const argument of [a, b, out, count]) code.moveUnsigned32(argument, argument)
  for (const pointer of [a, b, out]) code.add(pointer, start)
  const matrix = code.label()
  if (matrices) code.set(tiles, BigInt(matrices.tiles))
  const tile = code.label()
  for (let sum = 0; sum < sums; sum++) code.clear(sum)
  code.move(aAt, a)
  code.move(bAt, b)
  eachStep(code, depth, run, (k) => {
    for (let v = 0; v < vectors; v++)
      code.load(firstOfB + v, { base: bAt, bytes: k * run.b.step + v * vector })
    for (let row = 0; row < rows; row++) {
      const from = { base: aAt, bytes: row * run.a.row + k * run.a.step } as const
      code.broadcast(ofA, from)
      for (let v = 0; v < vectors; v++) code.multiplyAdd(row * vectors + v, ofA, firstOfB + v)
    }
  })
  for (let row = 0; row < rows; row++) {
    for (let v = 0; v < vectors; v++) {
      const at = { base: out, bytes: row * run.out.row + v * vector } as const
      const sum = row * vectors + v
      if (run.adds) code.addMemory(sum, sum, at)
      code.store(sum, at)
    }
  }
  code.add(a, rows * run.a.row)
  code.add(out, rows * run.out.row)
  if (matrices) {
    code.subtract(tiles, 1)
    code.jumpIfNotZero(tile)
    code.add(a, matrices.a - matrices.tiles * rows * run.a.row)
    code.add(b, matrices.b)
    code.add(out, matrices.out - matrices.tiles * rows * run.out.row)
  }
  code.subtract(count, 1)
  code.jumpIfNotZero(matrix)
  code.leaveVectors()
  code.return()
}

/** Runs `step` for every step along the depth, some at a time: its argument counts from where the operands stand. */
function eachStep(
  code: Assembler,
  depth: number,
  { a: ofA, b: ofB }: TileRun,
  step: (k: number) => void,
): void {
  const whole = Math.floor(depth / UNROLLED)
  if (whole > 0) {
    code.set(turns, BigInt(whole))
    const turn = code.label()
    for (let k = 0; k < UNROLLED; k++) step(k)
    code.add(aAt, UNROLLED * ofA.step)
    code.add(bAt, UNROLLED * ofB.step)
    code.subtract(turns, 1)
    code.jumpIfNotZero(turn)
  }
  for (let k = 0; k < depth % UNROLLED; k++) step(k)
}
