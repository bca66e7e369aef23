// A group of values that one kernel computes: an anchor (a matrix product, a convolution ...) with the elementwise
// expressions of its result, or a loop nest of elementwise values and reductions.
//
//   a dense layer                                softmax of its result
//
//   x    kernel                                  logits [rows, classes]
//    \   /                                         |
//   matmul     bias     anchor                   max over classes      kept, pass 0
//       \      /                                   |
//         add           full                     exp(logits - max)     full, pass 1
//          |                                       |        \
//        relu           full, stored               |      sum over classes      kept, pass 1
//                                                  |        /
//   One kernel: the product's epilogue           div                   full, pass 2, stored
//   adds and clips each tile of results.
//                                                One kernel: three passes over each row.
//
// A full member that needs the result of a reduction waits for the next pass over the reduced loops. Values that are
// cheap to compute again (views, a few operations on inputs) belong to no group: each reader computes them.

import { sizeOf } from '../../ir/ir.ts'
import type { Shape, Value } from '../../ir/ir.ts'
import { isOfKind, operands } from '../../ir/ops/index.ts'
import type { OpOfKind } from '../../ir/ops/index.ts'
import { nestOf } from './reductions.ts'
import type { Nest } from './reductions.ts'
import { refine, Space } from './space.ts'
import type { Axes } from './space.ts'

/** Points at which a value exists: `full`, all of the loops; `kept`, those of the loops that are not reduced. */
export type Role = 'full' | 'kept'

export type AnchorOp = OpOfKind<'anchor' | 'product'> | 'unary'

/** A loop over steps, whose kernel runs those of its body. */
export type LoopOp = OpOfKind<'loop'>

export type Group = {
  readonly anchor: Value<AnchorOp | LoopOp> | undefined
  /** Elementwise values and reductions, in the program's order. */
  readonly members: Map<Value, Role>
  readonly size: number
  nest: Nest | undefined
  /** Its number, in the order in which groups are made. */
  readonly index: number
}

/** A value and the loops it runs along. */
export type ValueAlong = { readonly value: Value; readonly axes: Axes }

/** The reading of a program's values inside the loops of a group. */
export class LoopReading {
  /** Broadcasts, transposes and counts that must lie in memory. */
  readonly copied: ReadonlySet<Value>

  constructor(copied: ReadonlySet<Value>) {
    this.copied = copied
  }

  /** True if a value is only another way to look at its operand. */
  isView(value: Value): value is Value<OpOfKind<'alias' | 'indexing'>> {
    return isAlias(value) || (isOfKind(value, 'indexing') && !this.copied.has(value))
  }

  /** The value behind views, and the loops it runs along; undefined where they do not fit. */
  behind(space: Space, value: Value, axes: Axes): ValueAlong | undefined {
    let current = value
    let along = axes
    while (this.isView(current)) {
      const next = isAlias(current) ? along : this.operandAxes(space, current, current.x, along)
      if (next === undefined) return undefined
      along = next
      current = current.x
    }
    return { value: current, axes: along }
  }

  /** The loops of an operand of a value that runs along `axes`; those of a reduction run along all. */
  operandAxes(space: Space, value: Value, operand: Value, axes: Axes): Axes | undefined {
    if (value.op === 'reduce') return axes
    if (value.op === 'transpose') return space.transpose(axes, value.shape, value.permutation)
    return space.broadcast(axes, operand.shape, value.shape)
  }
}

const known = new WeakMap<Value, readonly Value[]>()

/** The operands of a value, which the compiler asks for again and again. */
export function operandsOf(value: Value): readonly Value[] {
  const found = known.get(value) ?? operands(value)
  known.set(value, found)
  return found
}

/** Tells values that a kernel of their own computes. */
export function isAnchor(value: Value): value is Value<AnchorOp | LoopOp> {
  return isOfKind(value, 'anchor', 'product', 'loop') || (value.op === 'unary' && value.alone === true)
}

function isAlias(value: Value): value is Value<OpOfKind<'alias'>> {
  return isOfKind(value, 'alias')
}

/** Tells slices of a loop's flat result, which are read where they are. */
export function isPart(value: Value): value is Value<'slice'> {
  return value.op === 'slice' && isOfKind(value.x, 'loop')
}

/** The value whose buffer holds this one, where it is stored. */
export function storageOf(value: Value): Value {
  return isAlias(value) || isPart(value) ? storageOf(value.x) : value
}

/** Bytes from the start of that buffer to this value. */
export function offsetOf(value: Value): number {
  if (isPart(value)) return 4 * (value.starts[0] ?? 0) + offsetOf(value.x)
  return isAlias(value) ? offsetOf(value.x) : 0
}

/** True if elements of the operand are read from memory at an offset, not where the loops are. */
export function isShifted(value: Value): value is Value<OpOfKind<'shifted'>> {
  return isOfKind(value, 'shifted')
}

/**
 * The shape of a shifted value by the axes along which its elements lie apart in the operand: those that are taken at an
 * index of the first axis lie side by side.
 */
export function shiftedShape(value: Value<OpOfKind<'shifted'>>): Shape {
  const together = value.op === 'take' && sizeOf(value.x.shape.slice(0, value.axis)) === 1
  return together ? [sizeOf(value.shape)] : value.shape
}

/** All values that a group computes. */
export function membersOf({ anchor, members }: Group): Value[] {
  return anchor === undefined ? [...members.keys()] : [anchor, ...members.keys()]
}

/** The loops of a group before any is split: outer, reduced and inner. */
function spaceOf(group: Group): Space {
  const { nest, anchor, size } = group
  if (nest !== undefined) return new Space([[nest.outer], [nest.reduced], [nest.inner]])
  if (anchor !== undefined) {
    const columns = anchor.shape.at(-1) ?? 1
    return new Space([[], [size / columns], [columns]])
  }
  return new Space([[], [size], []])
}

export function axesOf(space: Space, role: Role): Axes {
  return role === 'full' ? space.all : [...space.segment(0), ...space.segment(2)]
}

/** The group's loops, split so that every read runs along whole loops; undefined where the members do not fit together. */
export function planSpace(
  group: Group,
  reading: LoopReading,
  inlined: (value: Value) => boolean,
): Space | undefined {
  const members = [...group.members.keys()]
  const start = spaceOf(group)
  const found = refine(start, (space) => fitIn(space, members, group, reading, inlined) || undefined)
  if (found === undefined) return undefined
  const [space] = found
  return group.anchor !== undefined && space.sizes.length > start.sizes.length ? undefined : space
}

/** True if what some members of a group read runs along whole loops of a space. */
export function fitIn(
  space: Space,
  members: readonly Value[],
  group: Group,
  reading: LoopReading,
  inlined: (value: Value) => boolean,
): boolean {
  const visit = (value: Value, along: Axes): boolean => {
    const found = reading.behind(space, value, along)
    if (found === undefined) return false
    const role = group.members.get(found.value) ?? (found.value === group.anchor ? 'full' : undefined)
    if (role !== undefined) return same(found.axes, axesOf(space, role))
    if (isShifted(found.value) && inlined(found.value))
      return space.regroup(found.axes, shiftedShape(found.value)) !== undefined
    if (found.value.op === 'iota') return space.regroup(found.axes, found.value.shape) !== undefined
    return inlined(found.value) ? visitOperands(found.value, found.axes) : true
  }
  const visitOperands = (value: Value, along: Axes): boolean =>
    operandsOf(value).every((operand) => {
      const axes = reading.operandAxes(space, value, operand, along)
      return axes !== undefined && visit(operand, axes)
    })
  return members.every((member) => {
    const along = member.op === 'reduce' ? space.all : axesOf(space, group.members.get(member) ?? 'full')
    if (isShifted(member)) return space.regroup(along, shiftedShape(member)) !== undefined
    if (member.op === 'iota') return space.regroup(along, member.shape) !== undefined
    return visitOperands(member, along)
  })
}

function same(a: Axes, b: Axes): boolean {
  return a.length === b.length && a.every((axis, i) => axis === b[i])
}

/** The role that a value would have in a group's loops. */
export function roleIn(group: Group, value: Value): Role | undefined {
  const size = sizeOf(value.shape)
  if (value.op === 'reduce') {
    const nest = nestOf(value)
    if (sizeOf(value.x.shape) !== group.size || group.anchor !== undefined) return undefined
    const { nest: own } = group
    const fits =
      own === undefined ||
      (own.outer === nest.outer && own.reduced === nest.reduced && own.inner === nest.inner)
    return fits ? 'kept' : undefined
  }
  if (size === group.size) return 'full'
  return group.nest !== undefined && size === group.nest.outer * group.nest.inner ? 'kept' : undefined
}

/**
 * The pass over the reduced loops in which each member is computed: a full member that needs a reduction's result
 * waits for the next pass; kept members are computed after the pass of their operands.
 */
export function passesOf(group: Group, reads: (value: Value) => readonly Value[]): Map<Value, number> {
  const passes = new Map<Value, number>()
  for (const [member, role] of group.members) {
    let pass = 0
    for (const source of reads(member)) {
      const known = passes.get(source)
      if (known === undefined) continue
      const waits = (role === 'full' || member.op === 'reduce') && group.members.get(source) === 'kept'
      pass = Math.max(pass, waits ? known + 1 : known)
    }
    passes.set(member, pass)
  }
  return passes
}

/** True if all members are computed in one pass. */
export function hasOnePass(group: Group, reads: (value: Value) => readonly Value[]): boolean {
  return [...passesOf(group, reads).values()].every((pass) => pass === 0)
}

/** The members that a value reads, through views and values computed where they are read. */
export function membersBehind(group: Group, stored: ReadonlySet<Value>, value: Value): Value[] {
  const seen = new Set(operandsOf(value))
  for (const operand of seen)
    if (!group.members.has(operand) && !stored.has(operand))
      for (const behind of operandsOf(operand)) seen.add(behind)
  return [...seen].filter((operand) => group.members.has(operand))
}
