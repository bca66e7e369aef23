import type { Builder } from '../builder.ts'
import { sameShape, sizeOf } from '../ir.ts'
import type { Shape, Value } from '../ir.ts'
import type { RewriteRule } from './rewrite.ts'

/** Chains of rearrangements become one or none; transposes become flags of matrix products. */
export const simplifyShapes: RewriteRule = {
  replace(b, value) {
    switch (value.op) {
      case 'reshape':
        if (sameShape(value.shape, value.x.shape)) return value.x
        return value.x.op === 'reshape' ? b.reshape(value.x.x, value.shape) : undefined
      case 'cast':
        return value.dtype === value.x.dtype ? value.x : undefined
      case 'transpose':
        return transpose(b, value)
      case 'reverse':
        return reverse(value)
      case 'slice':
        return slice(b, value)
      case 'take':
        return value.x.shape[value.axis] === 1 ? b.reshape(value.x, value.shape) : undefined
      case 'pad':
        return pad(b, value)
      case 'concat':
        return concat(b, value)
      case 'reduce':
        return reduce(b, value)
      case 'matmul':
        return matmul(b, value)
      default:
        return undefined
    }
  },
}

function transpose(b: Builder, { x, permutation, shape }: Value<'transpose'>): Value | undefined {
  if (x.op === 'transpose') {
    return b.transpose(
      x.x,
      permutation.map((axis) => x.permutation[axis] ?? 0),
    )
  }
  const long = permutation.filter((axis) => x.shape[axis] !== 1)
  // Elements stay in their order.
  return long.every((axis, i) => i === 0 || (long[i - 1] ?? 0) < axis) ? b.reshape(x, shape) : undefined
}

function reverse({ x, axis }: Value<'reverse'>): Value | undefined {
  if (x.shape[axis] === 1) return x
  return x.op === 'reverse' && x.axis === axis ? x.x : undefined
}

function slice(b: Builder, { x, starts, shape }: Value<'slice'>): Value | undefined {
  if (sameShape(shape, x.shape)) return x
  if (x.op === 'slice') {
    return b.slice(
      x.x,
      starts.map((start, axis) => start + (x.starts[axis] ?? 0)),
      shape,
    )
  }
  if (x.op === 'pad') {
    const within = starts.map((start, axis) => start - (x.padding[axis]?.[0] ?? 0))
    const inside = within.every(
      (start, axis) => start >= 0 && start + (shape[axis] ?? 0) <= (x.x.shape[axis] ?? 0),
    )
    if (inside) return b.slice(x.x, within, shape)
    const beside = within.some(
      (start, axis) => start + (shape[axis] ?? 0) <= 0 || start >= (x.x.shape[axis] ?? 0),
    )
    return beside && x.dtype === 'f32' ? b.constant(x.value, shape) : undefined
  }
  if (x.op === 'concat') {
    let start = starts[x.axis] ?? 0
    for (const part of x.xs) {
      const length = part.shape[x.axis] ?? 0
      if (start >= 0 && start + (shape[x.axis] ?? 0) <= length) {
        return b.slice(part, starts.with(x.axis, start), shape)
      }
      start -= length
    }
  }
  return undefined
}

function pad(b: Builder, { x, padding, value }: Value<'pad'>): Value | undefined {
  if (padding.every(([before, after]) => before === 0 && after === 0)) return x
  if (x.op !== 'pad' || x.value !== value) return undefined
  const both = padding.map(([before, after], axis): readonly [number, number] => {
    const [innerBefore, innerAfter] = x.padding[axis] ?? [0, 0]
    return [before + innerBefore, after + innerAfter]
  })
  return b.pad(x.x, both, value)
}

function concat(b: Builder, { xs, axis }: Value<'concat'>): Value | undefined {
  if (xs.length === 1) return xs[0]
  const flat = xs.flatMap((x) => (x.op === 'concat' && x.axis === axis ? x.xs : [x]))
  return flat.length > xs.length ? b.concat(flat, axis) : undefined
}

function reduce(b: Builder, value: Value<'reduce'>): Value | undefined {
  const { x, axes, shape } = value
  if (axes.every((axis) => x.shape[axis] === 1)) return b.reshape(x, shape)
  if (x.op !== 'reduce' || x.function !== value.function) return undefined
  const kept = x.x.shape.flatMap((_, axis) => (x.axes.includes(axis) ? [] : [axis]))
  const all = [...x.axes, ...axes.map((axis) => kept[axis] ?? 0)].sort((p, q) => p - q)
  return b.append({ op: 'reduce', function: value.function, x: x.x, axes: all })
}

function matmul(b: Builder, { a, b: c, transposeA, transposeB, shape }: Value<'matmul'>): Value | undefined {
  const [left, right] = [matrixTransposed(a), matrixTransposed(c)]
  if (left !== undefined) return b.matmul(left, c, { transposeA: !transposeA, transposeB })
  if (right !== undefined) return b.matmul(a, right, { transposeA, transposeB: !transposeB })
  const [rows = 1, columns = 1] = shape
  if (shape.length === 2 && columns === 1 && rows > 1) {
    // A single column is computed as a row: its numbers then fill whole vectors.
    return b.reshape(b.matmul(b.reshape(c, [1, sizeOf(c.shape)]), a, { transposeB: !transposeA }), shape)
  }
  if (a.shape.length === 2 || c.shape.length > 2 || transposeA) return undefined
  // Leading axes that b lacks are rows.
  const length = a.shape.at(-1) ?? 0
  return b.reshape(b.matmul(b.reshape(a, [sizeOf(a.shape) / length, length]), c, { transposeB }), shape)
}

/** The operand of a transpose that swaps the last two axes. */
function matrixTransposed(value: Value): Value | undefined {
  return value.op === 'transpose' && swapsLast(value.permutation) ? value.x : undefined
}

function swapsLast(permutation: Shape): boolean {
  const last = permutation.length - 1
  return permutation.every((axis, i) => axis === (i === last ? last - 1 : i === last - 1 ? last : i))
}
