// Gathers the rows of a batch from the data set in memory.

import type { FunctionBuilder, FunctionIndex, Integer } from '../assembler/function-builder.ts'
import type { ModuleBuilder } from '../assembler/module-builder.ts'
import { advance, setLinear } from '../emit/integers.ts'
import { share } from '../emit/partition.ts'
import type { PieceRange } from '../emit/partition.ts'

/** Copies the rows of a batch from where a data set stores one of its arrays to an input of the program. */
export type Gather = {
  /** Address of the i32 that holds the address of the array. */
  readonly source: number
  readonly storage: 'u8' | 'i32' | 'f32'
  /** Numbers in a row. */
  readonly size: number
  /** Address of the program's input, of the type `to`. */
  readonly target: number
  readonly to: 'f32' | 'i32'
  /** Applied to each number on its way: x * multiply + add. */
  readonly scale?: { readonly multiply: number; readonly add: number }
}

/** Rows that a batch takes from the data set. */
export type BatchRows = {
  /** Rows of a batch. */
  readonly batch: number
  /** Address of the i32 that holds the address of the row numbers, in the order of the batches. */
  readonly order: number
  readonly gathers: readonly Gather[]
  /**
   * For a program that takes the numbers of its rows in their split: the address of the i32 that holds the address of
   * those numbers, in the order of the batches, and that of the program's input.
   */
  readonly rows?: { readonly source: number; readonly target: number }
}

/**
 * Defines `gather(thread, threads, step)`. Arrays at the addresses in `cut` are read in parts: of those each thread
 * gathers the columns that it will read, of the others a share of the rows.
 */
export function defineGather(
  module: ModuleBuilder,
  { batch, order, gathers, rows }: BatchRows,
  cut: ReadonlySet<number>,
): FunctionIndex {
  const byColumns = gathers.filter(({ target }) => cut.has(target))
  const byRows = gathers.filter(({ target }) => !cut.has(target))
  return module.function({ params: ['i32', 'i32', 'i32'], results: [] }, (f, thread, threads, step) => {
    const { row, place, source } = f.integers('row', 'place', 'source')
    const partition = { thread, threads }
    const eachRow = ({ from, to }: PieceRange, body: () => void): void => {
      f.for(row, from, to, 1, () => {
        f.get(step).i32(batch).op('i32.mul').get(row).op('i32.add').i32(2).op('i32.shl').set(place)
        f.get(place).i32(0).memory('i32.load', order).op('i32.add').memory('i32.load').set(source)
        body()
      })
    }
    if (byColumns.length > 0) {
      const parts = byColumns.map((gather) => ({ gather, part: share(f, sixteensOf(gather), partition) }))
      eachRow({ from: 0, to: batch }, () => {
        for (const { gather, part } of parts) emitRow(f, gather, source, row, part)
      })
    }
    if (byRows.length === 0 && rows === undefined) return
    eachRow(share(f, batch, partition), () => {
      for (const gather of byRows) emitRow(f, gather, source, row, { from: 0, to: sixteensOf(gather) })
      if (rows === undefined) return
      f.get(row).i32(2).op('i32.shl')
      f.get(place).i32(0).memory('i32.load', rows.source).op('i32.add').memory('i32.load')
      f.memory('i32.store', rows.target)
    })
  })
}

/** Numbers of a row up to which loads and stores of vectors are faster than a call that copies memory. */
const SHORT_ROW = 256

/** Sixteens of numbers in a row. */
function sixteensOf({ size }: Gather): number {
  return Math.floor(size / 16)
}

function widthOf({ storage }: Gather): number {
  return storage === 'u8' ? 1 : 4
}

/** A part of one row, counted in sixteens: sixteen numbers at a time, and behind the last what is left, four or one. */
function emitRow(f: FunctionBuilder, gather: Gather, source: Integer, row: Integer, part: PieceRange): void {
  const { storage, size, target } = gather
  const width = widthOf(gather)
  const { from, to } = f.integers('from', 'to')
  f.i32(0).memory('i32.load', gather.source).get(source)
  f.i32(size * width)
    .op('i32.mul', 'i32.add')
    .set(from)
  setLinear(f, to, target, [row, 4 * size])
  const plain = gather.scale === undefined && storage === gather.to
  if (plain && size > SHORT_ROW && typeof part.from === 'number') {
    f.get(to)
      .get(from)
      .i32(size * 4)
      .memoryCopy()
    return
  }
  if (typeof part.from !== 'number') {
    for (const [pointer, bytes] of [[from, 16 * width] as const, [to, 64] as const])
      setLinear(f, pointer, 0, [pointer, 1], [part.from, bytes])
  }
  if (size >= 16) emitSixteens(f, gather, from, to, part)
  if (size % 16 === 0) return
  if (typeof part.to === 'number') return emitRest(f, gather, from, to)
  f.get(part.to).i32(sixteensOf(gather)).op('i32.eq')
  f.if(() => emitRest(f, gather, from, to))
}

function emitSixteens(
  f: FunctionBuilder,
  gather: Gather,
  from: Integer,
  to: Integer,
  part: PieceRange,
): void {
  const [k, bytes] = [f.local('i32'), f.local('v128')]
  f.for(k, part.from, part.to, 1, () => {
    if (gather.storage === 'u8') f.get(from).memory('v128.load').set(bytes)
    for (let quarter = 0; quarter < 4; quarter++) {
      f.get(to)
      if (gather.storage === 'u8')
        f.get(bytes).op(quarter < 2 ? HALVES[0] : HALVES[1], quarter % 2 === 0 ? QUARTERS[0] : QUARTERS[1])
      else f.get(from).memory('v128.load', 16 * quarter)
      emitConversion(f, gather)
      f.memory('v128.store', 16 * quarter)
    }
    advance(f, from, 16 * widthOf(gather))
    advance(f, to, 64)
  })
}

/** The last numbers of a row, fewer than sixteen. */
function emitRest(f: FunctionBuilder, gather: Gather, from: Integer, to: Integer): void {
  const { storage, size } = gather
  const rest = size % 16
  const vectors = rest - (rest % 4)
  for (let i = 0; i < vectors; i += 4) {
    f.get(to).get(from)
    if (storage === 'u8') f.memory('v128.load32_zero', i).op(HALVES[0], QUARTERS[0])
    else f.memory('v128.load', 4 * i)
    emitConversion(f, gather)
    f.memory('v128.store', 4 * i)
  }
  for (let i = vectors; i < rest; i++) {
    f.get(to)
    emitNumber(f, gather, from, i * widthOf(gather))
    f.memory(gather.to === 'i32' ? 'i32.store' : 'f32.store', i * 4)
  }
}

/** The lower and the upper eight of sixteen bytes as 16-bit numbers, and four of those as 32-bit ones. */
const HALVES = ['i16x8.extend_low_i8x16_u', 'i16x8.extend_high_i8x16_u'] as const
const QUARTERS = ['i32x4.extend_low_i16x8_u', 'i32x4.extend_high_i16x8_u'] as const

/** Four numbers on the stack, as they are stored, to what the program takes. */
function emitConversion(f: FunctionBuilder, { storage, to, scale }: Gather): void {
  if (to === 'i32') return
  if (storage !== 'f32') f.op('f32x4.convert_i32x4_s')
  if (scale !== undefined) f.f32x4(scale.multiply).op('f32x4.mul').f32x4(scale.add).op('f32x4.add')
}

function emitNumber(f: FunctionBuilder, { storage, to, scale }: Gather, from: Integer, offset: number): void {
  f.get(from)
  if (storage === 'u8') f.memory('i32.load8_u', offset)
  else f.memory(storage === 'i32' ? 'i32.load' : 'f32.load', offset)
  if (to === 'i32') return
  if (storage !== 'f32') f.op('f32.convert_i32_s')
  if (scale !== undefined) f.f32(scale.multiply).op('f32.mul').f32(scale.add).op('f32.add')
}
