// The loop around a program: gathers the rows of each batch from the data set in memory, runs the program, adds up its
// figures. A whole epoch is one call.

import type { Buffer } from '../../plan/buffers.ts'
import type { FunctionBuilder, FunctionIndex, Local, ModuleBuilder } from '../assembler/assembler.ts'
import { setLinear, share } from '../emit/partition.ts'
import type { Range } from '../emit/partition.ts'
import { advance } from '../emit/tile.ts'
import { defineFlush } from './subnormals.ts'

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

/** Adds `length` f32 numbers at `from`, times a factor, to f64 totals at `to`. */
export type Tally = {
  readonly from: number
  readonly length: number
  readonly to: number
  readonly factor: number
}

/** Appends what a batch yields at `from` to an array of the whole data set. */
export type Collect = {
  readonly from: number
  /** Bytes of a batch. */
  readonly bytes: number
  /** Address of the i32 that holds the address of the array. */
  readonly target: number
}

export type StepsSpec = {
  /** Rows of a batch. */
  readonly batch: number
  /** Address of the i32 that holds the address of the row numbers, in the order of the batches. */
  readonly order: number
  readonly gathers: readonly Gather[]
  /**
   * Where a program asks which rows it is given: the address of the i32 that holds the address of the numbers of the
   * rows in their split, in the order of the batches, and that of the program's input.
   */
  readonly rows?: { readonly source: number; readonly target: number }
  readonly tallies: readonly Tally[]
  readonly collects: readonly Collect[]
  /** Address of a number that ends the loop where it is NaN or infinite. */
  readonly loss?: number
  /** Addresses of an i32 and an f32 that count the steps. */
  readonly count?: { readonly counter: number; readonly iterations: number }
}

/** What the loop must know of the program's arrays. */
export type Arrays = {
  /** Those that are kept from one step to the next. */
  readonly states: readonly Buffer[]
  /** Addresses of those whose rows the program reads in parts: each thread gathers the part that it will read. */
  readonly cut: ReadonlySet<number>
}

/**
 * Defines `steps(thread, threads, first, last)`: runs batches first, first + 1 ... below last. Returns how many were
 * run, the one that ended the loop included.
 */
export function defineSteps(
  module: ModuleBuilder,
  run: FunctionIndex,
  barrier: FunctionIndex,
  spec: StepsSpec,
  { states, cut }: Arrays,
): FunctionIndex {
  const [byColumns, byRows] = [
    spec.gathers.filter(({ target }) => cut.has(target)),
    spec.gathers.filter(({ target }) => !cut.has(target)),
  ]
  const gather = module.function(
    { params: ['i32', 'i32', 'i32'], results: [] },
    (f, thread, threads, step) => {
      const [row, place, source] = [f.local('i32'), f.local('i32'), f.local('i32')]
      const partition = thread === undefined || threads === undefined ? undefined : { thread, threads }
      const eachRow = ({ from, to }: Range, body: () => void): void => {
        f.for(row, from, to, 1, () => {
          f.get(step).i32(spec.batch).op('i32.mul').get(row).op('i32.add').i32(2).op('i32.shl').set(place)
          f.get(place).i32(0).memory('i32.load', spec.order).op('i32.add').memory('i32.load').set(source)
          body()
        })
      }
      if (byColumns.length > 0) {
        const parts = byColumns.map((each) => ({ each, part: share(f, sixteensOf(each), partition) }))
        eachRow({ from: 0, to: spec.batch }, () => {
          for (const { each, part } of parts) emitRow(f, each, source, row, part)
        })
      }
      eachRow(share(f, spec.batch, partition), () => {
        for (const each of byRows) emitRow(f, each, source, row, { from: 0, to: sixteensOf(each) })
        if (spec.rows === undefined) return
        f.get(row).i32(2).op('i32.shl')
        f.get(place).i32(0).memory('i32.load', spec.rows.source).op('i32.add').memory('i32.load')
        f.memory('i32.store', spec.rows.target)
      })
    },
  )
  const flush = defineFlush(module, states)
  const finish = module.function({ params: ['i32'], results: [] }, (f, step) => {
    for (const tally of spec.tallies) emitTally(f, tally)
    for (const { from, bytes, target } of spec.collects) {
      f.i32(0).memory('i32.load', target).get(step).i32(bytes).op('i32.mul', 'i32.add')
      f.i32(from).i32(bytes).memoryCopy()
    }
    if (spec.count === undefined) return
    const { counter, iterations } = spec.count
    f.i32(0).i32(0).memory('i32.load', counter).i32(1).op('i32.add').memory('i32.store', counter)
    f.i32(0).i32(0).memory('i32.load', counter).op('f32.convert_i32_s').memory('f32.store', iterations)
    f.i32(0).memory('i32.load', counter).call(flush)
  })
  return module.function(
    { params: ['i32', 'i32', 'i32', 'i32'], results: ['i32'] },
    (f, thread, threads, first, last) => {
      const step = f.local('i32')
      f.block((end) => {
        f.for(step, { local: first }, { local: last }, 1, () => {
          f.get(thread).get(threads).get(step).call(gather)
          f.get(threads).i32(1).op('i32.ne')
          f.if(() => f.get(threads).call(barrier))
          f.get(thread).get(threads).call(run)
          f.get(thread).op('i32.eqz')
          f.if(() => f.get(step).call(finish))
          if (spec.loss === undefined) return
          // x - x is 0 for every number but NaN and the infinities. All threads read the same loss: none writes it
          // before the next barrier.
          f.i32(0).memory('f32.load', spec.loss).i32(0).memory('f32.load', spec.loss).op('f32.sub')
          f.f32(0).op('f32.ne')
          f.if(() => {
            f.get(step).i32(1).op('i32.add').set(step)
            f.branch(end)
          })
        })
      })
      f.get(step).get(first).op('i32.sub')
    },
  )
}

/** How many times sixteen numbers there are in a row. */
function sixteensOf({ size }: Gather): number {
  return Math.floor(size / 16)
}

/** A part of one row, counted in sixteens: sixteen numbers at a time, and behind the last what is left, four or one. */
function emitRow(f: FunctionBuilder, gather: Gather, source: Local, row: Local, part: Range): void {
  const { storage, size, target } = gather
  const width = storage === 'u8' ? 1 : 4
  const [from, to] = [f.local('i32'), f.local('i32')]
  f.i32(0).memory('i32.load', gather.source)
  f.get(source)
    .i32(size * width)
    .op('i32.mul', 'i32.add')
    .set(from)
  setLinear(f, to, target, [[row, 4 * size]])
  const plain = gather.scale === undefined && storage === gather.to
  if (plain && size > 16 && typeof part.from === 'number') {
    f.get(to)
      .get(from)
      .i32(size * 4)
      .memoryCopy()
    return
  }
  if (typeof part.from !== 'number') {
    const { local } = part.from
    setLinear(f, from, 0, [
      [from, 1],
      [local, 16 * width],
    ])
    setLinear(f, to, 0, [
      [to, 1],
      [local, 64],
    ])
  }
  if (size >= 16) {
    const [k, bytes] = [f.local('i32'), f.local('v128')]
    f.for(k, part.from, part.to, 1, () => {
      if (storage === 'u8') f.get(from).memory('v128.load').set(bytes)
      for (let quarter = 0; quarter < 4; quarter++) {
        f.get(to)
        if (storage === 'u8')
          f.get(bytes).op(quarter < 2 ? HALVES[0] : HALVES[1], quarter % 2 === 0 ? QUARTERS[0] : QUARTERS[1])
        else f.get(from).memory('v128.load', 16 * quarter)
        emitConversion(f, gather)
        f.memory('v128.store', 16 * quarter)
      }
      advance(f, from, 16 * width)
      advance(f, to, 64)
    })
  }
  if (size % 16 === 0) return
  if (typeof part.to === 'number') return emitRest(f, gather, from, to)
  f.get(part.to.local).i32(sixteensOf(gather)).op('i32.eq')
  f.if(() => emitRest(f, gather, from, to))
}

/** The last numbers of a row, fewer than sixteen. */
function emitRest(f: FunctionBuilder, gather: Gather, from: Local, to: Local): void {
  const { storage, size } = gather
  const width = storage === 'u8' ? 1 : 4
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
    emitNumber(f, gather, from, i * width)
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

function emitNumber(f: FunctionBuilder, { storage, to, scale }: Gather, from: Local, offset: number): void {
  f.get(from)
  if (storage === 'u8') f.memory('i32.load8_u', offset)
  else f.memory(storage === 'i32' ? 'i32.load' : 'f32.load', offset)
  if (to === 'i32') return
  if (storage !== 'f32') f.op('f32.convert_i32_s')
  if (scale !== undefined) f.f32(scale.multiply).op('f32.mul').f32(scale.add).op('f32.add')
}

function emitTally(f: FunctionBuilder, { from, length, to, factor }: Tally): void {
  const i = f.local('i32')
  f.for(i, 0, length, 1, () => {
    f.get(i).i32(8).op('i32.mul')
    f.get(i).i32(8).op('i32.mul').memory('f64.load', to)
    f.get(i).i32(4).op('i32.mul').memory('f32.load', from).op('f64.promote_f32')
    if (factor !== 1) f.f64(factor).op('f64.mul')
    f.op('f64.add').memory('f64.store', to)
  })
}
