// The loops and passes of a group without an anchor: elementwise values, and reductions over the loops in the middle.
//
//   rows: no inner loops. The last reduced loop fills the vectors, whose lanes are combined in the end.
//
//       outer 0 |  ~~~~ ~~~~ ~~~~  -> 1 result
//       outer 1 |  ~~~~ ~~~~ ~~~~  -> 1 result        ~~~~ a vector of four elements
//
//   columns: the last inner loop fills the vectors, and every lane holds a sum of its own.
//
//       reduced 0 |  ~~~~ ~~~~ ~~~~
//       reduced 1 |  ~~~~ ~~~~ ~~~~
//                     |    |    |   -> 4 results each

import type { Value } from '../../ir/ir.ts'
import { axesOf, membersBehind, passesOf } from './group.ts'
import type { Group, ValueAlong } from './group.ts'
import { splitWithRest } from './pieces.ts'
import type { Pieces } from './pieces.ts'
import type { Axes, Space } from './space.ts'

export type NestLoops = {
  readonly columns: boolean
  /** Loops with an item of work at each point (rows: an outer element, columns: a block of vectors), and those in it. */
  readonly outer: Axes
  readonly inner: Axes
  /** The loop whose elements fill a vector; vectors that it takes, and lanes of the last one, 0 where all are full. */
  readonly vector: number | undefined
  readonly vectors: number
  readonly rest: number
  /** The elements of that loop in `columns`; a whole vector of rows. */
  readonly blocks: Pieces
  /** The nest is one loop without reductions. */
  readonly flat: boolean
}

/** Elements of a block at most: a cache line. */
export const BLOCK = 16

export function nestLoops(group: Group, space: Space): NestLoops {
  const [before, middle, after] = [space.segment(0), space.segment(1), space.segment(2)]
  const columns = after.length > 0
  const [outer, inner] = columns
    ? [[...before, ...after], middle]
    : group.nest === undefined
      ? [middle.slice(0, -1), middle.slice(-1)]
      : [before, middle]
  const vector = columns ? outer.at(-1) : inner.at(-1)
  const length = vector === undefined ? 1 : space.size(vector)
  const vectors = Math.ceil(length / 4)
  return {
    columns,
    outer,
    inner,
    vector,
    vectors,
    rest: vector === undefined ? 0 : length % 4,
    blocks: columns ? splitWithRest(length, BLOCK) : splitWithRest(4, BLOCK),
    flat: group.nest === undefined && space.sizes.length === 1 && length >= 4,
  }
}

/** True if threads can share the nest: a single row is the work of one. */
export function isSharedNest({ outer, flat }: NestLoops): boolean {
  return outer.length > 0 || flat
}

/** Values that one pass over the reduced loops computes. */
export type NestPass = {
  readonly reductions: readonly Value<'reduce'>[]
  /** Stored at every point of the loops, and after them. */
  readonly full: readonly ValueAlong[]
  readonly kept: readonly ValueAlong[]
  /** Kept members that are needed, stored or not. */
  readonly results: readonly ValueAlong[]
}

export function nestPasses(group: Group, space: Space, stored: ReadonlySet<Value>): NestPass[] {
  const needed = neededMembers(group, stored)
  const numbers = passesOf(group, (value) => membersBehind(group, stored, value))
  const count = 1 + Math.max(0, ...[...needed].map((member) => numbers.get(member) ?? 0))
  return Array.from({ length: count }, (_, pass) => {
    const own = [...needed].filter((member) => numbers.get(member) === pass)
    const items = (role: 'full' | 'kept'): ValueAlong[] =>
      own
        .filter((member) => group.members.get(member) === role)
        .map((value) => ({ value, axes: axesOf(space, role) }))
    return {
      reductions: own.filter((value) => value.op === 'reduce'),
      full: items('full').filter(({ value }) => stored.has(value)),
      kept: items('kept').filter(({ value }) => stored.has(value)),
      results: items('kept'),
    }
  })
}

/** Members that are stored and what they need, in the program's order. */
function neededMembers(group: Group, stored: ReadonlySet<Value>): Set<Value> {
  const needed = new Set([...group.members.keys()].filter((member) => stored.has(member)))
  for (const member of needed) for (const source of membersBehind(group, stored, member)) needed.add(source)
  return new Set([...group.members.keys()].filter((member) => needed.has(member)))
}
