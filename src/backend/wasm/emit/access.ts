// Where the elements of a group's values lie in memory.

import { sizeOf } from '../../../ir/ir.ts'
import type { OpOfKind } from '../../../ir/ops/index.ts'
import type { Value } from '../../../ir/ir.ts'
import type { Displacement } from '../../plan/element-program.ts'
import { shiftedShape } from '../../plan/group.ts'
import type { ValueAlong } from '../../plan/group.ts'
import type { Axes } from '../../plan/space.ts'
import type { Scene } from './scene.ts'

/** Elements in memory: distances along the loops, the address of the first, and bytes for each of an i32 in memory. */
export type Access = {
  readonly strides: readonly number[]
  readonly address: number
  readonly moved?: Displacement | undefined
}

/** The elements of a value that lies in memory. */
export function contiguousAccess(
  { space, addressOf, moving, step }: Scene,
  { value, axes }: ValueAlong,
): Access {
  const bytes = moving.get(value)
  const moved = bytes !== undefined && step !== undefined ? { index: step, bytes } : undefined
  return { strides: space.strides(axes), address: addressOf(value), moved }
}

/** The elements of an operand in memory that a value takes, slices or reverses. */
export function shiftedAccess(scene: Scene, value: Value<OpOfKind<'shifted'>>, axes: Axes): Access {
  if (value.op === 'take') return takenAccess(scene, value, axes)
  const { space, addressOf } = scene
  const strides = space.sizes.map(() => 0)
  let offset = 0
  let unit = 1
  const groups = space.regroup(axes, value.shape) ?? []
  for (let i = value.shape.length - 1; i >= 0; i--) {
    const length = value.x.shape[i] ?? 1
    const reversed = value.op === 'reverse' && value.axis === i
    offset += unit * (value.op === 'slice' ? (value.starts[i] ?? 0) : reversed ? length - 1 : 0)
    const own = space.strides(groups[i] ?? [], reversed ? -unit : unit)
    own.forEach((stride, axis) => (strides[axis] = (strides[axis] ?? 0) + stride))
    unit *= length
  }
  return { strides, address: addressOf(value.x) + 4 * offset }
}

function takenAccess({ space, addressOf }: Scene, value: Value<'take'>, axes: Axes): Access {
  const { x, axis } = value
  const unit = sizeOf(x.shape.slice(axis + 1))
  const shape = shiftedShape(value)
  const groups = space.regroup(axes, shape) ?? []
  const strides = space.sizes.map(() => 0)
  const apart = (i: number): number => sizeOf(x.shape.slice(i < axis ? i + 1 : i + 2))
  for (const [i, group] of groups.entries()) {
    const own = space.strides(group, shape.length === value.shape.length ? apart(i) : 1)
    own.forEach((stride, loop) => (strides[loop] = (strides[loop] ?? 0) + stride))
  }
  return { strides, address: addressOf(x), moved: { index: addressOf(value.index), bytes: 4 * unit } }
}
