import type { OpRecord } from './op.ts'

export const gather = {
  kind: 'anchor',
  withOperands: (operation, change) => ({
    ...operation,
    x: change(operation.x),
    indices: change(operation.indices),
  }),
  type: ({ x, indices }) => ({ shape: [...indices.shape, ...x.shape.slice(1)], dtype: x.dtype }),
  gradient: (b, { x, indices }, dy) => [[x, () => b.scatterAdd(dy, indices, x.shape[0] ?? 0)]],
  print: ({ op }) => [op],
} as const satisfies OpRecord<'gather'>

export const scatter_add = {
  kind: 'anchor',
  withOperands: (operation, change) => ({
    ...operation,
    updates: change(operation.updates),
    indices: change(operation.indices),
  }),
  type: ({ shape }) => ({ shape, dtype: 'f32' }),
  gradient: (b, { updates, indices }, dy) => [[updates, () => b.gather(dy, indices)]],
  print: ({ op }) => [op],
} as const satisfies OpRecord<'scatter_add'>
