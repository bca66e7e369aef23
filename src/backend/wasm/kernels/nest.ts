// The code of a group without an anchor: see plan/nest.ts for its loops and passes.

import type { ReduceFunction, Value } from '../../../ir/ir.ts'
import { axesOf } from '../../plan/group.ts'
import type { ValueAlong } from '../../plan/group.ts'
import { BLOCK, nestLoops, nestPasses } from '../../plan/nest.ts'
import type { NestLoops, NestPass } from '../../plan/nest.ts'
import { splitWithRest } from '../../plan/pieces.ts'
import type { EqualPieces } from '../../plan/pieces.ts'
import type { Axes } from '../../plan/space.ts'
import type { Bound, FunctionBuilder, Integer, Vector } from '../assembler/function-builder.ts'
import { Expressions } from '../emit/expression.ts'
import type { Scene } from '../emit/scene.ts'
import { setLinear } from '../emit/integers.ts'
import { eachPiece, inSlice, isSlice, locateScratch, share } from '../emit/partition.ts'
import type { Partition, PieceRange } from '../emit/partition.ts'
import { positionOf } from '../emit/tile.ts'
import { columnSumsOf, emitColumnSums, pushColumnSums } from './column-sums.ts'
import type { ColumnSums } from './column-sums.ts'
import { emitElements } from './elements.ts'
import type { ImportedMachine } from './machine.ts'

export function emitNest(
  f: FunctionBuilder,
  scene: Scene,
  { machine, scratch }: { readonly machine?: ImportedMachine | undefined; readonly scratch: number },
  partition?: Partition,
): void {
  if (machine && scene.group.nest === undefined && emitElements(f, scene, machine, partition)) return
  const nest = nestOf(f, scene)
  const { loops, passes, code } = nest
  const sums = machine && !isSlice(partition) ? columnSumsOf(scene, machine) : undefined
  code.enter(0)
  code.hoist(
    passes.flatMap((pass) => [...itemsOf(pass, nest.all), ...pass.results]),
    true,
  )
  if (loops.flat) return overFlat(nest, partition)
  if (machine && sums) return sumOnMachine(nest, sums, { machine, scratch }, partition)
  for (const blocks of loops.blocks) {
    overOuter(nest, blocks, partition, () => {
      for (const [i, pass] of passes.entries()) {
        code.written(new Set(passes.slice(0, i).flatMap(({ full }) => full.map(({ value }) => value))))
        emitPass(nest, pass, blocks)
      }
    })
  }
}

/** The function being written, its loops and passes, and the locals that count the loops. */
type NestKernel = ReturnType<typeof nestOf>

function nestOf(f: FunctionBuilder, scene: Scene) {
  const { group, space, stored } = scene
  const loops = nestLoops(group, space)
  const counters = new Map(space.all.map((axis) => [axis, f.local('i32')]))
  const code = new Expressions(f, scene, {
    depth: new Map([
      ...loops.outer.map((axis) => [axis, 1] as const),
      ...loops.inner.map((axis) => [axis, 2] as const),
    ]),
    index: new Map([...counters].map(([axis, local]) => [axis, positionOf(local)])),
    vector: loops.vector,
  })
  const passes = nestPasses(group, space, stored).map((pass) => {
    const atOnce = vectorsAtOnce(pass, loops)
    const most = Math.max(atOnce, ...loops.blocks.map(vectorsIn))
    return {
      ...pass,
      atOnce,
      sums: new Map(pass.reductions.map((value) => [value, f.locals('v128', most)])),
    }
  })
  return { f, space, all: space.all, loops, code, passes, counters }
}

/** Vectors of a row that a step of a pass covers: the order in which numbers are compared does not matter. */
function vectorsAtOnce(
  { reductions, full }: NestPass,
  { columns, vectors, rest, vector }: NestLoops,
): number {
  const compares = reductions.every((value) => value.function === 'max' || value.function === 'min')
  const alone = !columns && reductions.length > 0 && full.length === 0 && vector !== undefined
  if (!compares || !alone) return 1
  const whole = rest === 0 ? vectors : vectors - 1
  return AT_ONCE.find((count) => whole % count === 0) ?? (whole >= LONG ? MOST : 1)
}

/** Results of a comparison that do not wait for each other: as many as divide the row's whole vectors, the best number first. */
const AT_ONCE = [8, 7, 6, 5, 4, 3, 2]
/** Vectors of a row from which a number of them is compared at once, though some are left; that number. */
const [LONG, MOST] = [16, 8]

type PassCode = NestPass & {
  readonly atOnce: number
  readonly sums: ReadonlyMap<Value<'reduce'>, readonly Vector[]>
}

function itemsOf(pass: NestPass, all: Axes): ValueAlong[] {
  return [...pass.reductions.map(({ x }) => ({ value: x, axes: all })), ...pass.full]
}

function counterOf({ counters }: NestKernel, axis: number): Integer {
  const counter = counters.get(axis)
  if (counter === undefined) throw new Error(`nothing counts loop ${axis}`)
  return counter
}

/** The sum of a reduction in the nth vector of a block. */
function sumOf({ sums }: PassCode, value: Value<'reduce'>, n: number): Vector {
  const sum = sums.get(value)?.[n]
  if (sum === undefined) throw new Error(`value ${value.id} has no sum`)
  return sum
}

/** Runs `emit` for each item of the outer loops, of which the one along the columns goes from block to block. */
function overOuter(
  nest: NestKernel,
  blocks: EqualPieces,
  partition: Partition | undefined,
  emit: () => void,
): void {
  const { f, space, loops, code } = nest
  const { outer, vector } = loops
  const emitItem = (): void => {
    code.enter(1)
    emit()
  }
  if (outer.length === 0) return emitItem()
  const lengths = outer.map((axis) => ({
    axis,
    length: axis === vector ? blocks.count : space.size(axis),
  }))
  const total = lengths.reduce((product, { length }) => product * length, 1)
  const { from, to } = share(f, total, partition)
  const item = f.local('i32')
  f.for(item, from, to, 1, () => {
    let after = total
    for (const [i, { axis, length }] of lengths.entries()) {
      after /= length
      f.get(item)
      if (after !== 1) f.i32(after).op('i32.div_u')
      if (i > 0) f.i32(length).op('i32.rem_u')
      f.i32(axis === vector ? 4 * blocks.size : 4).op('i32.mul')
      if (axis === vector && blocks.start > 0) f.i32(4 * blocks.start).op('i32.add')
      f.set(counterOf(nest, axis))
    }
    emitItem()
  })
}

/** Column sums, of which a machine adds the rows, and what follows from them. */
function sumOnMachine(
  nest: NestKernel,
  columnSums: ColumnSums,
  { machine, scratch }: { readonly machine: ImportedMachine; readonly scratch: number },
  partition: Partition | undefined,
): void {
  const { f, space, loops, passes } = nest
  const [pass] = passes
  if (pass === undefined || loops.vector === undefined) throw new Error('column sums have a pass and columns')
  const { sums, row, first, offset } = f.integers('sums', 'row', 'first', 'offset')
  const column = counterOf(nest, loops.vector)
  locateScratch(f, sums, scratch, columnSums.scratchBytes, partition)
  for (const piece of columnSums.pieces) {
    overOuter(nest, piece, partition, () => {
      const outer = space.segment(0).map((axis) => [counterOf(nest, axis), columnSums.rows] as const)
      setLinear(f, row, 0, ...outer)
      emitColumnSums(f, columnSums, piece, { sums, row, column }, machine)
      f.get(column).set(first)
      for (const blocks of splitWithRest(piece.size, BLOCK)) {
        const [from, bytes] = [4 * blocks.start, 4 * blocks.size]
        f.for(offset, from, from + blocks.count * bytes, bytes, () => {
          f.get(first).get(offset).op('i32.add').set(column)
          finishSums(nest, pass, { sums, offset }, blocks)
        })
      }
    })
  }
}

/** The results that follow from the column sums of a block. */
function finishSums(
  nest: NestKernel,
  pass: PassCode,
  at: Readonly<Record<'sums' | 'offset', Integer>>,
  blocks: EqualPieces,
): void {
  const { f, code } = nest
  code.enter(1)
  for (const [i, value] of pass.reductions.entries()) {
    for (let n = 0; n < vectorsIn(blocks); n++) {
      pushColumnSums(f, at, i, 16 * n)
      f.set(sumOf(pass, value, n))
    }
  }
  finishPass(nest, pass, blocks)
}

/** One loop over contiguous elements. */
function overFlat(nest: NestKernel, partition: Partition | undefined): void {
  const { f, space, loops, code } = nest
  const [[pass], [axis = 0]] = [nest.passes, loops.inner]
  if (pass === undefined) return
  const elements = space.size(axis)
  code.enter(1)
  code.hoist(itemsOf(pass, nest.all), false)
  const range = vectorRange(f, elements, partition)
  eachPiece(f, splitWithRest(4 * elements, 16), range, counterOf(nest, axis), (bytes) => {
    code.enter(2)
    code.at(0, bytes / 4)
    emitVector(nest, pass, 0, 4)
  })
}

/** The vectors of contiguous elements that a part computes: whole lines of the cache, or rows. */
function vectorRange(f: FunctionBuilder, elements: number, partition: Partition | undefined): PieceRange {
  if (isSlice(partition)) {
    const { from, to } = inSlice(elements, partition)
    return { from: from / 4, to: Math.ceil(to / 4) }
  }
  const vectors = (line: Bound): Bound => {
    if (typeof line === 'number') return 4 * line
    f.get(line).i32(2).op('i32.shl').set(line)
    return line
  }
  const { from, to } = share(f, Math.ceil(elements / 16), partition)
  return { from: vectors(from), to: vectors(to) }
}

/** One pass over the inner loops, and what follows from its reductions. */
function emitPass(nest: NestKernel, pass: PassCode, blocks: EqualPieces): void {
  const { f, loops, code } = nest
  const atOnce = loops.columns ? vectorsIn(blocks) : pass.atOnce
  code.at(0, lanesOf(blocks, 0))
  code.hoist(itemsOf(pass, nest.all), false)
  for (const item of pass.full) code.prepareStore(item)
  for (const [value, sums] of pass.sums)
    for (const sum of sums.slice(0, atOnce)) f.f32x4(START[value.function]).set(sum)
  loopOver(nest, loops.inner, atOnce, (lanes, vectors) => {
    code.enter(2)
    for (let n = 0; n < vectors; n++) {
      code.at(n, loops.columns ? lanesOf(blocks, n) : lanes)
      emitVector(nest, pass, n, loops.columns ? 4 : lanes)
    }
  })
  finishPass(nest, pass, blocks)
}

/** Runs `emit` at every point of loops, with the number of lanes that are elements and the vectors there. */
function loopOver(
  nest: NestKernel,
  axes: Axes,
  block: number,
  emit: (lanes: number, vectors: number) => void,
): void {
  const { f, space, loops } = nest
  const [axis, ...inner] = axes
  if (axis === undefined) return emit(1, block)
  const counter = counterOf(nest, axis)
  const length = space.size(axis)
  if (axis !== loops.vector) {
    f.for(counter, 0, 4 * length, 4, () => loopOver(nest, inner, block, emit))
    return
  }
  const end = 4 * (length - loops.rest)
  const blocks = end - (end % (16 * block))
  if (blocks > 0) f.for(counter, 0, blocks, 16 * block, () => emit(4, block))
  if (blocks < end) f.for(counter, blocks, end, 16, () => emit(4, 1))
  if (loops.rest === 0) return
  f.i32(end).set(counter)
  emit(loops.rest, 1)
}

function vectorsIn({ size }: EqualPieces): number {
  return Math.ceil(size / 4)
}

/** Lanes of the nth vector of a block that are elements. */
function lanesOf({ size }: EqualPieces, n: number): number {
  return Math.min(4, size - 4 * n)
}

/** The values of a pass in the nth vector of a block. */
function emitVector(nest: NestKernel, pass: PassCode, n: number, lanes: number): void {
  const { f, code } = nest
  for (const value of pass.reductions) {
    const sum = sumOf(pass, value, n)
    f.get(sum)
    code.pushFloat({ value: value.x, axes: nest.all })
    if (lanes < 4) maskLanes(f, START[value.function], lanes)
    f.op(COMBINE[value.function]).set(sum)
  }
  for (const { item, local } of code.compute(pass.full)) code.store(item, local)
}

/** The results of a pass's reductions, and the values that are made of them. */
function finishPass({ f, space, loops, code }: NestKernel, pass: PassCode, blocks: EqualPieces): void {
  const { columns } = loops
  code.back(1)
  for (let n = 0; n < vectorsIn(blocks); n++) {
    code.at(n, lanesOf(blocks, n))
    for (const value of pass.reductions) {
      f.get(sumOf(pass, value, n))
      for (const other of columns ? [] : (pass.sums.get(value)?.slice(1) ?? []))
        f.get(other).op(COMBINE[value.function])
      if (!columns) combineLanes(f, value.function)
      code.define({ value, axes: axesOf(space, 'kept') })
    }
  }
  for (let n = 0; n < vectorsIn(blocks); n++) {
    code.at(n, lanesOf(blocks, n))
    for (const { item, local } of code.compute(pass.results)) {
      if (!pass.kept.some(({ value }) => value === item.value)) continue
      code.prepareStore(item)
      code.store(item, local)
    }
  }
}

const START: Record<ReduceFunction, number> = { sum: 0, prod: 1, max: -Infinity, min: Infinity }
const COMBINE = { sum: 'f32x4.add', prod: 'f32x4.mul', max: 'f32x4.max', min: 'f32x4.min' } as const

/** Replaces the lanes of a vector on the stack from `lanes` on. */
function maskLanes(f: FunctionBuilder, filler: number, lanes: number): void {
  const mask = (lane: number): number => (lane < lanes ? -1 : 0)
  f.f32x4(filler).i32x4(mask(0), mask(1), mask(2), mask(3)).op('v128.bitselect')
}

/** Combines the lanes of a vector on the stack, in a fixed order, in every lane. */
function combineLanes(f: FunctionBuilder, name: ReduceFunction): void {
  const vector = f.local('v128')
  f.tee(vector).get(vector).get(vector).shuffle(2, 3, 0, 1).op(COMBINE[name])
  f.tee(vector).get(vector).get(vector).shuffle(1, 0, 3, 2).op(COMBINE[name])
}
