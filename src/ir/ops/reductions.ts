import type { ExpressionBuilder } from '../expression-builder.ts'
import type { ReduceFunction, Shape, Value } from '../ir.ts'
import { inverse } from '../shapes.ts'
import { flat, over } from './op.ts'
import type { OpRecord } from './op.ts'
import { list } from './text.ts'

export const reduce = {
  kind: 'reduction',
  ...over('x'),
  type: ({ x, axes }) => ({ shape: x.shape.filter((_, axis) => !axes.includes(axis)), dtype: 'f32' }),
  gradient: (b, y, dy) => [[y.x, () => slope(b, y, dy)]],
  print: ({ op, function: name, axes }) => [`${op}_${name}`, `axes: ${list(axes)}`],
} as const satisfies OpRecord<'reduce'>

export const argmax = {
  kind: 'anchor',
  ...over('x'),
  type: ({ x, axis }) => ({ shape: x.shape.toSpliced(axis, 1), dtype: 'i32' }),
  gradient: flat,
  print: ({ op, axis }) => [op, `axis: ${axis}`],
} as const satisfies OpRecord<'argmax'>

function slope(b: ExpressionBuilder, y: Value<'reduce'>, dy: Value): Value {
  const { x, axes } = y
  const kept = x.shape.map((length, axis) => (axes.includes(axis) ? 1 : length))
  const wide = b.reshape(dy, kept)
  const toExtremes = (): Value => {
    const extreme = b.equal(x, b.reshape(y, kept))
    return b.mul(extreme, b.div(wide, b.sum(extreme, axes, true)))
  }
  const slopes: Record<ReduceFunction, () => Value> = {
    sum: () => b.broadcast(wide, x.shape),
    max: toExtremes,
    min: toExtremes,
    prod: () => b.mul(wide, productOfOthers(b, x, axes)),
  }
  return slopes[y.function]()
}

/** For each element the product of all others along the axes: those before it times those after it, zeros or not. */
function productOfOthers(b: ExpressionBuilder, x: Value, axes: Shape): Value {
  const kept = x.shape.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]))
  const permutation = [...kept, ...axes]
  const moved = b.transpose(x, permutation)
  const length = axes.reduce((total, axis) => total * (x.shape[axis] ?? 1), 1)
  const rows = b.reshape(moved, [...kept.map((axis) => x.shape[axis] ?? 1), length])
  /** Elements moved by a distance along the row, ones coming in. */
  const shift = (row: Value, distance: number): Value => {
    const padding = row.shape.map((_, axis): [number, number] =>
      axis < row.shape.length - 1 ? [0, 0] : [Math.max(distance, 0), Math.max(-distance, 0)],
    )
    const size = length - Math.abs(distance)
    return b.pad(b.sliceAxis(row, -1, Math.max(-distance, 0), size), padding, 1)
  }
  /** Products of all elements on one side, by doubling. */
  const products = (direction: 1 | -1): Value => {
    let row = shift(rows, direction)
    for (let distance = 1; distance < length; distance *= 2) {
      row = b.mul(row, shift(row, distance * direction))
    }
    return row
  }
  const others = b.mul(products(1), products(-1))
  return b.transpose(b.reshape(others, moved.shape), inverse(permutation))
}
