// Operations whose elements are those of their operands, in other places or added up there.

import { sameShape, sizeOf } from '../ir.ts'
import type { Value } from '../ir.ts'
import { fit, inverse, mismatch } from '../shapes.ts'
import { flat, nameOnly, over } from './op.ts'
import type { OpRecord } from './op.ts'
import { reduceTo } from './reduce-to.ts'
import { list, number } from './text.ts'

export const slice = {
  kind: 'shifted',
  ...over('x'),
  type: ({ x, shape }) => ({ shape, dtype: x.dtype }),
  gradient(b, { x, starts, shape }, dy) {
    const around = x.shape.map((length, axis): [number, number] => {
      const start = starts[axis] ?? 0
      return [start, length - start - (shape[axis] ?? 0)]
    })
    return [[x, () => b.pad(dy, around)]]
  },
  print: ({ op, starts }) => [op, `starts: ${list(starts)}`],
} as const satisfies OpRecord<'slice'>

export const take = {
  kind: 'shifted',
  ...over('x', 'index'),
  type: ({ x, axis }) => ({ shape: x.shape.toSpliced(axis, 1), dtype: x.dtype }),
  gradient(b, { x, index, axis }, dy) {
    const here = (): Value => b.equal(b.iota(x.shape, axis, 'i32'), index)
    return [[x, () => b.select(here(), b.reshape(dy, x.shape.with(axis, 1)), 0)]]
  },
  print: ({ op, axis }) => [op, `axis: ${axis}`],
} as const satisfies OpRecord<'take'>

export const pad = {
  kind: 'anchor',
  ...over('x'),
  type: ({ x, padding }) => ({
    shape: x.shape.map((length, i) => length + (padding[i]?.[0] ?? 0) + (padding[i]?.[1] ?? 0)),
    dtype: x.dtype,
  }),
  gradient(b, { x, padding }, dy) {
    const starts = padding.map(([before]) => before)
    return [[x, () => b.slice(dy, starts, x.shape)]]
  },
  print: ({ op, padding, value }) => [
    op,
    `padding: ${list(padding.flat())}`,
    ...(value === 0 ? [] : [`value: ${number(value)}`]),
  ],
} as const satisfies OpRecord<'pad'>

export const concat = {
  kind: 'anchor',
  operands: ({ xs }) => xs,
  withOperands: (operation, change) => ({ ...operation, xs: operation.xs.map(change) }),
  type({ op, xs, axis }) {
    const [first] = xs
    if (first === undefined) throw new Error(`${op} needs at least one tensor`)
    const length = xs.reduce((total, x) => total + (x.shape[axis] ?? 0), 0)
    return { shape: first.shape.with(axis, length), dtype: first.dtype }
  },
  gradient(b, { xs, axis }, dy) {
    let next = 0
    return xs.map((x) => {
      const start = next
      const size = x.shape[axis] ?? 0
      next += size
      return [x, () => b.sliceAxis(dy, axis, start, size)]
    })
  },
  print: ({ op, axis }) => [op, `axis: ${axis}`],
} as const satisfies OpRecord<'concat'>

export const transpose = {
  kind: 'indexing',
  ...over('x'),
  type: ({ x, permutation }) => ({ shape: permutation.map((axis) => x.shape[axis] ?? 0), dtype: x.dtype }),
  gradient: (b, { x, permutation }, dy) => [[x, () => b.transpose(dy, inverse(permutation))]],
  print: ({ op, permutation }) => [op, list(permutation)],
} as const satisfies OpRecord<'transpose'>

export const reverse = {
  kind: 'shifted',
  ...over('x'),
  type: ({ x }) => ({ shape: x.shape, dtype: x.dtype }),
  gradient: (b, { x, axis }, dy) => [[x, () => b.reverse(dy, axis)]],
  print: ({ op, axis }) => [op, `axis: ${axis}`],
} as const satisfies OpRecord<'reverse'>

export const reshape = {
  kind: 'alias',
  ...over('x'),
  type({ op, x, shape }) {
    if (sizeOf(x.shape) !== sizeOf(shape)) throw mismatch(op, x.shape, shape)
    return { shape, dtype: x.dtype }
  },
  gradient: (b, { x }, dy) => [[x, () => b.reshape(dy, x.shape)]],
  print: nameOnly,
} as const satisfies OpRecord<'reshape'>

export const broadcast = {
  kind: 'indexing',
  ...over('x'),
  type({ op, x, shape }) {
    if (!sameShape(fit(op, x.shape, shape), shape)) throw mismatch(op, x.shape, shape)
    return { shape, dtype: x.dtype }
  },
  gradient: (b, { x }, dy) => [[x, () => reduceTo(b, dy, x.shape)]],
  print: nameOnly,
} as const satisfies OpRecord<'broadcast'>

export const stop_gradient = {
  kind: 'alias',
  ...over('x'),
  type: ({ x }) => ({ shape: x.shape, dtype: x.dtype }),
  gradient: flat,
  print: nameOnly,
} as const satisfies OpRecord<'stop_gradient'>

export const gather = {
  kind: 'anchor',
  ...over('x', 'indices'),
  type: ({ x, indices }) => ({ shape: [...indices.shape, ...x.shape.slice(1)], dtype: x.dtype }),
  gradient: (b, { x, indices }, dy) => [[x, () => b.scatterAdd(dy, indices, x.shape[0] ?? 0)]],
  print: nameOnly,
} as const satisfies OpRecord<'gather'>

export const scatter_add = {
  kind: 'anchor',
  ...over('updates', 'indices'),
  type: ({ shape }) => ({ shape, dtype: 'f32' }),
  gradient: (b, { updates, indices }, dy) => [[updates, () => b.gather(dy, indices)]],
  print: nameOnly,
} as const satisfies OpRecord<'scatter_add'>
