// Values without operands that carry a gradient: data, counts and random numbers.

import { sizeOf } from '../ir.ts'
import { mismatch } from '../shapes.ts'
import { flat, withoutOperands } from './op.ts'
import type { OpRecord } from './op.ts'
import { numbers } from './text.ts'

export const input = {
  kind: 'source',
  ...withoutOperands,
  type: ({ shape, dtype }) => ({ shape, dtype }),
  gradient: flat,
  print: ({ name }) => ['input', name],
} as const satisfies OpRecord<'input'>

export const constant = {
  kind: 'source',
  ...withoutOperands,
  type({ data, shape }) {
    if (data.length !== sizeOf(shape)) throw mismatch('constant', [data.length], shape)
    return { shape, dtype: data instanceof Int32Array ? 'i32' : 'f32' }
  },
  gradient: flat,
  print: ({ op, data }) => [op, numbers(data)],
} as const satisfies OpRecord<'constant'>

export const iota = {
  kind: 'count',
  ...withoutOperands,
  type: ({ shape, dtype }) => ({ shape, dtype }),
  gradient: flat,
  print: ({ op, axis }) => [op, `axis: ${axis}`],
} as const satisfies OpRecord<'iota'>

export const random = {
  kind: 'anchor',
  operands: ({ counter, rows }) => (rows ? [counter, rows] : [counter]),
  withOperands: (operation, change) => ({
    ...operation,
    counter: change(operation.counter),
    ...(operation.rows && { rows: change(operation.rows) }),
  }),
  type({ rows, shape }) {
    if (rows && rows.shape[0] !== shape[0]) throw mismatch('random', rows.shape, shape)
    return { shape, dtype: 'f32' }
  },
  gradient: flat,
  print: ({ op, stream }) => [op, JSON.stringify(stream)],
} as const satisfies OpRecord<'random'>
