// The loop nest of a group without an anchor: elementwise values, and reductions over the loops in the middle.
//
// Without inner loops (`rows`) the last reduced loop fills the vectors, whose lanes are combined at the end; with
// inner loops (`columns`) the last of these does, and every lane holds a sum of its own.

import type { ReduceFunction, Value } from '../../../ir/ir.ts'
import { axesOf, membersBehind, passesOf } from '../../plan/group.ts'
import type { Axes } from '../../plan/space.ts'
import type { FunctionBuilder, Local } from '../assembler/assembler.ts'
import { Expressions } from '../emit/expression.ts'
import type { Item, Scene } from '../emit/expression.ts'
import { share } from '../emit/partition.ts'
import type { Partition } from '../emit/partition.ts'

type Reduction = Extract<Value, { op: 'reduce' }>

/** What one pass over the reduced loops computes. */
type Pass = {
  readonly reductions: readonly { readonly value: Reduction; readonly sums: readonly Local[] }[]
  /** Stored at every point of the loops, and after them. */
  readonly full: readonly Item[]
  readonly kept: readonly Item[]
  /** Kept members that are needed, stored or not. */
  readonly results: readonly Item[]
}

/** Vectors that one step of the vector loop of `columns` covers at most: a cache line. */
const BLOCK = 4

export function emitNest(f: FunctionBuilder, scene: Scene, partition?: Partition): void {
  const { space } = scene
  const columns = space.segment(2).length > 0
  const [outer, inner] = loopsOf(scene, columns)
  const vector = columns ? outer.at(-1) : inner.at(-1)
  const vectors = vector === undefined ? 1 : Math.ceil(space.size(vector) / 4)
  const block = columns ? (vectors <= BLOCK ? vectors : ([4, 2].find((n) => vectors % n === 0) ?? 1)) : 1
  const index = new Map(space.all.map((axis) => [axis, f.local('i32')]))
  const positions = new Map([...index].map(([axis, local]) => [axis, { local, bytes: 0 }]))
  const depth = new Map([
    ...outer.map((axis) => [axis, 1] as const),
    ...inner.map((axis) => [axis, 2] as const),
  ])
  const code = new Expressions(f, scene, { depth, index: positions, vector })
  const passes = passesIn(f, scene, block)

  const items = passes.flatMap((pass) => [...itemsOf(pass, space.all), ...pass.results])
  code.enter(0)
  code.hoist(items, true)

  const lengths = outer.map((axis) => (axis === vector ? vectors / block : space.size(axis)))
  const whole = (): void => {
    code.enter(1)
    for (const [i, pass] of passes.entries()) {
      code.written(new Set(passes.slice(0, i).flatMap(({ full }) => full.map(({ value }) => value))))
      emitPass(pass)
    }
  }

  function emitPass(pass: Pass): void {
    for (const item of itemsOf(pass, space.all)) code.hoist([item], false)
    for (const item of pass.full) code.prepareStore(item)
    for (const { value, sums } of pass.reductions)
      for (const sum of sums) f.f32x4(START[value.function]).set(sum)
    loopOver(inner, (lanes) => {
      code.enter(2)
      for (let n = 0; n < block; n++) {
        code.at(n, columns ? lanesOf(n) : lanes)
        body(pass, n, columns ? 4 : lanes)
      }
    })
    finish(pass)
  }

  /** Lanes of the nth vector of a block of columns that are elements, where this is known. */
  function lanesOf(n: number): number {
    const rest = vector === undefined ? 0 : space.size(vector) % 4
    return rest !== 0 && vectors === block && n === block - 1 ? rest : 4
  }

  function body(pass: Pass, n: number, lanes: number): void {
    for (const { value, sums } of pass.reductions) {
      const sum = sums[n] ?? 0
      f.get(sum)
      code.pushFloat({ value: value.x, axes: space.all })
      if (lanes < 4) maskLanes(f, START[value.function], lanes)
      f.op(COMBINE[value.function]).set(sum)
    }
    const locals = pass.full.map((item) => {
      const local = f.local('v128')
      code.push(item)
      f.set(local)
      return local
    })
    pass.full.forEach((item, i) => storeColumns(n, () => code.store(item, locals[i] ?? 0)))
  }

  /** Stores a vector of columns, the last of which may be cut short by the end of the row. */
  function storeColumns(n: number, store: () => void): void {
    const rest = vector === undefined ? 0 : space.size(vector) % 4
    if (!columns || rest === 0 || vectors === block || n < block - 1) return store()
    f.get(index.get(vector ?? 0) ?? 0)
      .i32(16 * (vectors - block))
      .op('i32.eq')
    f.if(
      () => {
        code.at(n, rest)
        store()
      },
      () => {
        code.at(n, 4)
        store()
      },
    )
  }

  function finish(pass: Pass): void {
    code.back(1)
    for (let n = 0; n < block; n++) {
      code.at(n, columns ? lanesOf(n) : 4)
      for (const { value, sums } of pass.reductions) {
        f.get(sums[n] ?? 0)
        if (!columns) combineLanes(f, value.function)
        code.define({ value, axes: axesOf(space, 'kept') })
      }
    }
    for (let n = 0; n < block; n++) {
      code.at(n, columns ? lanesOf(n) : 4)
      const locals = pass.results.map((item) => {
        const local = f.local('v128')
        code.push(item)
        f.set(local)
        return local
      })
      pass.results.forEach((item, i) => {
        if (pass.kept.some(({ value }) => value === item.value))
          storeColumns(n, () => code.store(item, locals[i] ?? 0))
      })
    }
  }

  function loopOver(axes: Axes, run: (lanes: number) => void): void {
    const [axis, ...rest] = axes
    if (axis === undefined) return run(1)
    const counter = index.get(axis) ?? 0
    const length = space.size(axis)
    if (axis !== vector) {
      f.for(counter, 0, 4 * length, 4, () => loopOver(rest, run))
      return
    }
    const end = 4 * (length - (length % 4))
    if (end > 0) f.for(counter, 0, end, 16, () => run(4))
    if (length % 4 !== 0) {
      f.i32(end).set(counter)
      run(length % 4)
    }
  }

  function overOuter(): void {
    const total = lengths.reduce((product, length) => product * length, 1)
    if (outer.length === 0) return whole()
    const { from, to } = share(f, total, partition)
    const item = f.local('i32')
    f.for(item, from, to, 1, () => {
      let after = total
      for (const [i, axis] of outer.entries()) {
        const length = lengths[i] ?? 1
        after /= length
        f.get(item)
        if (after !== 1) f.i32(after).op('i32.div_u')
        if (i > 0) f.i32(length).op('i32.rem_u')
        f.i32(axis === vector ? 16 * block : 4)
          .op('i32.mul')
          .set(index.get(axis) ?? 0)
      }
      whole()
    })
  }

  /** One loop over contiguous elements, whose last vector may run into the buffers' padding. */
  function overFlat(): void {
    const pass = passes[0]
    const axis = inner[0]
    if (pass === undefined || axis === undefined) return
    const lines = Math.ceil(space.size(axis) / 16)
    const { from, to } = share(f, lines, partition)
    const [start, end] = [bytes(from), bytes(to)]
    code.enter(1)
    code.hoist(itemsOf(pass, space.all), false)
    f.for(index.get(axis) ?? 0, start, end, 16, () => {
      code.enter(2)
      code.at(0, 4)
      body(pass, 0, 4)
    })
  }

  function bytes(bound: number | { readonly local: Local }): number | { readonly local: Local } {
    if (typeof bound === 'number') return Math.min(bound * 64, 16 * vectors)
    f.get(bound.local).i32(6).op('i32.shl').set(bound.local)
    f.get(bound.local)
      .i32(16 * vectors)
      .get(bound.local)
      .i32(16 * vectors)
      .op('i32.lt_s', 'select')
      .set(bound.local)
    return bound
  }

  if (isFlat(scene, inner)) overFlat()
  else overOuter()
}

/** Whether threads can share the nest: a single row is the work of one. */
export function isSharedNest(scene: Scene): boolean {
  const [outer, inner] = loopsOf(scene, scene.space.segment(2).length > 0)
  return outer.length > 0 || isFlat(scene, inner)
}

/** Whether the nest is one loop without reductions. */
function isFlat({ group, space }: Scene, inner: Axes): boolean {
  return group.nest === undefined && space.sizes.length === 1 && space.size(inner[0] ?? 0) >= 4
}

/** Outer and inner loops: rows have one item per outer element, columns one per block of vectors. */
function loopsOf({ group, space }: Scene, columns: boolean): [Axes, Axes] {
  const [before, middle, after] = [space.segment(0), space.segment(1), space.segment(2)]
  if (columns) return [[...before, ...after], middle]
  return group.nest === undefined ? [middle.slice(0, -1), middle.slice(-1)] : [before, middle]
}

function itemsOf(pass: Pass, all: Axes): Item[] {
  return [...pass.reductions.map(({ value }) => ({ value: value.x, axes: all })), ...pass.full]
}

function passesIn(f: FunctionBuilder, scene: Scene, block: number): Pass[] {
  const { group, space, stored } = scene
  const needed = neededMembers(scene)
  const numbers = passesOf(group, (value) => membersBehind(group, stored, value))
  const count = 1 + Math.max(0, ...[...needed].map((member) => numbers.get(member) ?? 0))
  return Array.from({ length: count }, (_, pass) => {
    const own = [...needed].filter((member) => numbers.get(member) === pass)
    const items = (role: 'full' | 'kept'): Item[] =>
      own
        .filter((member) => group.members.get(member) === role)
        .map((value) => ({ value, axes: axesOf(space, role) }))
    return {
      reductions: own.flatMap((value) =>
        value.op === 'reduce' ? [{ value, sums: f.locals('v128', block) }] : [],
      ),
      full: items('full').filter(({ value }) => stored.has(value)),
      kept: items('kept').filter(({ value }) => stored.has(value)),
      results: items('kept'),
    }
  })
}

/** Members that are stored and what they need, in the program's order. */
function neededMembers(scene: Scene): Set<Value> {
  const needed = new Set([...scene.group.members.keys()].filter((member) => scene.stored.has(member)))
  for (const member of needed)
    for (const source of membersBehind(scene.group, scene.stored, member)) needed.add(source)
  return new Set([...scene.group.members.keys()].filter((member) => needed.has(member)))
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
