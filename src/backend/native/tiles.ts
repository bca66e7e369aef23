// The register tile as machine code: a few rows by a few vectors of columns whose sums stay in registers while they run
// along the depth. Each lane is one fused multiply-add after the other, as in WebAssembly: the same bits in any width.

import type { TileSizes } from '../plan/matmul.ts'
import type { TileRun, Turns } from '../plan/tile-machine.ts'
import type { Assembler } from './assembler.ts'
import { openMask } from './lane-mask.ts'
import type { Memory, Register, VectorBytes } from './assembler.ts'
import type { Processor } from './processor.ts'
import { registersOf } from './vector-code.ts'

/** Steps along the depth that a turn of the loop takes. */
const UNROLLED = 4

/** Rows of a tile by its vectors of columns: as many sums as registers leave beside the operands. */
const ROWS: Readonly<Record<VectorBytes, readonly number[]>> = { 32: [12, 6, 4, 2, 2], 64: [14, 12, 8] }

export function rowsBeside(vector: VectorBytes, columns: number): number {
  return ROWS[vector][Math.ceil((4 * columns) / vector) - 1] ?? 1
}

/** Columns up to which tiles of narrow vectors have enough rows. */
const NARROW = 40

/**
 * The vectors of a tile: the widest there are, unless a narrower one holds all columns, or has fewer lanes too many where
 * the processor computes wide vectors by halves.
 */
export function vectorFor(
  { vector: widest, halves }: Pick<Processor, 'vector' | 'halves'>,
  columns: number,
): VectorBytes {
  const bytes = (vector: VectorBytes): number => vector * Math.ceil((4 * columns) / vector)
  const alone = 4 * columns <= 32
  return alone || (halves && columns <= NARROW && bytes(32) < bytes(64)) ? 32 : widest
}

/** Panels of two vectors, of three for what is left of a row; 24 rows are whole tiles of every width. */
export function tileSizes(vector: VectorBytes): TileSizes {
  const lanes = vector / 4
  return {
    lanes,
    usual: 2 * lanes,
    widest: 3 * lanes,
    usualRows: 24,
    commonRows: 24,
    longRows: 48,
    waits: true,
  }
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
/** Counters of the runs, the inner first, and of the parts, and where each of these begins: registers that a function has to keep. */
const ran = ['rbx', 'rbp'] as const satisfies readonly Register[]
const [parted, partOfA, firstOut, tilesOfPart] = [
  'r12',
  'r13',
  'r14',
  'r15',
] as const satisfies readonly Register[]
const KEPT = [...ran, parted, partOfA, firstOut, tilesOfPart] as const

/**
 * The function (a, b, out, count) of tiles, whose addresses count from `memory`, an address of this process. It calls
 * nothing, and touches only the rows, columns and depth of its tiles; of b it reads whole vectors.
 */
export function emitTiles(code: Assembler, memory: bigint, run: TileRun): void {
  for (const register of KEPT) code.push(register)
  code.set(start, memory)
  for (const argument of [a, b, out, count]) code.moveUnsigned32(argument, argument)
  for (const pointer of [a, b, out]) code.add(pointer, start)
  const placeMask = openMask(code, start, lanesLeft(code, run))
  if (run.parts) emitParts(code, run, run.parts)
  else emitAllTiles(code, run)
  code.leaveVectors()
  for (const register of KEPT.toReversed()) code.pop(register)
  code.return()
  placeMask()
}

/** Adds the sums of one part after the other to the result: all tiles of a part before those of the next. */
function emitParts(code: Assembler, run: TileRun, parts: Turns): void {
  code.move(partOfA, a)
  code.move(firstOut, out)
  code.move(tilesOfPart, count)
  const again = (): void => {
    code.move(a, partOfA)
    code.move(out, firstOut)
    code.move(count, tilesOfPart)
  }
  if (run.adds === 'zero') {
    eachTile(code, run, count, () => {
      const sums = sumsOf(code, run)
      code.clear(0)
      sums.openMask()
      sums.each((_, at, cut) => sums.store(0, at, cut))
    })
    again()
  }
  code.set(parted, BigInt(parts.count))
  const part = code.label()
  emitAllTiles(code, { ...run, adds: true })
  code.add(partOfA, parts.a)
  code.add(b, parts.b)
  again()
  code.subtract(parted, 1)
  code.jumpIfNotZero(part)
}

/** As many tiles as the register `count` says, or matrices of tiles. */
function emitAllTiles(code: Assembler, run: TileRun): void {
  const { rows, matrices } = run
  const emit = (): void => emitTile(code, run)
  if (matrices === undefined) return eachTile(code, run, count, emit)
  const matrix = code.label()
  code.set(tiles, BigInt(matrices.tiles))
  eachTile(code, run, tiles, emit)
  code.add(a, matrices.a - matrices.tiles * rows * run.a.row)
  code.add(b, matrices.b)
  code.add(out, matrices.out - matrices.tiles * rows * run.out.row)
  code.subtract(count, 1)
  code.jumpIfNotZero(matrix)
}

/** Code for each of as many tiles, one below the other, as a register counts. */
function eachTile(
  code: Assembler,
  { rows, a: ofA, out: ofOut }: TileRun,
  counter: Register,
  emit: () => void,
): void {
  const tile = code.label()
  emit()
  code.add(a, rows * ofA.row)
  code.add(out, rows * ofOut.row)
  code.subtract(counter, 1)
  code.jumpIfNotZero(tile)
}

/** Lanes of the last vector of a row that are stored, 0 where all are. */
function lanesLeft({ vector }: Assembler, { columns, out: { padded } }: TileRun): number {
  return padded ? 0 : columns % (vector / 4)
}

/** Vectors of a row, and where a tile has its sums, vectors of b and a factor of a. */
function layoutOf({ vector }: Assembler, { rows, columns }: TileRun) {
  const vectors = Math.ceil((4 * columns) / vector)
  const sums = rows * vectors
  return { vectors, sums, ofB: sums, ofA: sums + vectors }
}

/** The sums of a tile, and their places in the result. */
function sumsOf(code: Assembler, run: TileRun) {
  const { sums, vectors, ofB: mask } = layoutOf(code, run)
  const left = lanesLeft(code, run)
  return {
    each(visit: (sum: number, at: Memory, cut: boolean) => void): void {
      for (let sum = 0; sum < sums; sum++) {
        const [row, v] = [Math.floor(sum / vectors), sum % vectors]
        const cut = v === vectors - 1 && left > 0
        visit(sum, { base: out, bytes: row * run.out.row + v * code.vector }, cut)
      }
    },
    /** Vectors of b are free where results are stored. */
    openMask(): void {
      if (code.vector === 32 && left > 0) code.load(mask, { base: start, bytes: 0 })
    },
    load: (to: number, at: Memory, cut: boolean): void =>
      cut ? code.loadMasked(to, mask, at) : code.load(to, at),
    store: (from: number, at: Memory, cut: boolean): void =>
      cut ? code.storeMasked(from, mask, at) : code.store(from, at),
  }
}

function emitTile(code: Assembler, run: TileRun): void {
  const { adds } = run
  const { ofA: spare } = layoutOf(code, run)
  const sums = sumsOf(code, run)
  code.move(aAt, a)
  code.move(bAt, b)
  sums.each((sum) => code.clear(sum))
  sumRuns(code, run, run.runs?.length ?? 0)
  sums.openMask()
  if (adds === 'zero') code.clear(spare)
  sums.each((sum, at, cut) => {
    if (adds === true) sums.load(spare, at, cut)
    if (adds !== false) code.addVectors(sum, sum, spare)
    sums.store(sum, at, cut)
  })
}

/** Bytes by which code moves the pointers into a and b. */
type Moved = Readonly<Record<'a' | 'b', number>>

/** Adds to the sums in all turns of the innermost `levels` runs around the depth. */
function sumRuns(code: Assembler, run: TileRun, levels: number): Moved {
  const [turns, counter] = [run.runs?.[levels - 1], ran[levels - 1]]
  if (turns === undefined || counter === undefined) return sumDepth(code, run)
  return repeat(code, turns, counter, () => sumRuns(code, run, levels - 1))
}

/** Runs code that moves the pointers itself in every turn of a loop. */
function repeat(code: Assembler, loop: Turns, counter: Register, body: () => Moved): Moved {
  if (loop.count === 1) return body()
  code.set(counter, BigInt(loop.count))
  const turn = code.label()
  const moved = body()
  code.add(aAt, loop.a - moved.a)
  code.add(bAt, loop.b - moved.b)
  code.subtract(counter, 1)
  code.jumpIfNotZero(turn)
  return { a: loop.count * loop.a, b: loop.count * loop.b }
}

/** Adds to the sums along the depth, some steps at a time. */
function sumDepth(code: Assembler, run: TileRun): Moved {
  const { depth, a: ofA, b: ofB } = run
  const { most, emit } = stepsOf(code, run)
  const whole = Math.floor(depth / most)
  const several = { count: whole, a: most * ofA.step, b: most * ofB.step }
  const moved =
    whole === 0
      ? { a: 0, b: 0 }
      : repeat(code, several, turns, () => {
          emit(0, most)
          return { a: 0, b: 0 }
        })
  emit(whole === 1 ? most : 0, depth % most)
  return moved
}

/** Code for some steps along the depth, `most` at once. */
function stepsOf(code: Assembler, run: TileRun) {
  const { vectors, sums } = layoutOf(code, run)
  const room = Math.floor((registersOf(code) - sums - 1) / vectors)
  const overlap = run.a.own === true && run.a.step === run.a.row && room > 1
  const emitSteps = overlap ? emitOverlapping : emitApart
  return {
    most: overlap ? Math.min(UNROLLED, room) : UNROLLED,
    emit: (first: number, count: number): void => emitSteps(code, run, first, count),
  }
}

/** One step after the other. */
function emitApart(code: Assembler, run: TileRun, first: number, count: number): void {
  const { rows, a: ofA, b: ofB } = run
  const { vectors, ofB: factor, ofA: other } = layoutOf(code, run)
  for (let k = first; k < first + count; k++) {
    for (let v = 0; v < vectors; v++)
      code.load(factor + v, { base: bAt, bytes: k * ofB.step + v * code.vector })
    for (let row = 0; row < rows; row++) {
      const at = { base: aAt, bytes: row * ofA.row + k * ofA.step }
      if (!ofA.own) code.broadcast(other, at)
      for (let v = 0; v < vectors; v++) {
        if (ofA.own) code.load(other, { ...at, bytes: at.bytes + v * code.vector })
        code.multiplyAdd(row * vectors + v, other, factor + v)
      }
    }
  }
}

/** Steps in which a row has the numbers of the row below at the step before: each is loaded once. */
function emitOverlapping(code: Assembler, run: TileRun, first: number, count: number): void {
  const { rows, a: ofA, b: ofB } = run
  const { vectors, ofB: factors } = layoutOf(code, run)
  const other = factors + vectors * count
  for (let k = 0; k < count; k++) {
    for (let v = 0; v < vectors; v++)
      code.load(factors + k * vectors + v, { base: bAt, bytes: (first + k) * ofB.step + v * code.vector })
  }
  for (let place = 0; place < rows + count - 1; place++) {
    for (let v = 0; v < vectors; v++) {
      code.load(other, { base: aAt, bytes: (first + place) * ofA.step + v * code.vector })
      for (let k = Math.max(0, place - rows + 1); k < Math.min(count, place + 1); k++)
        code.multiplyAdd((place - k) * vectors + v, other, factors + k * vectors + v)
    }
  }
}
