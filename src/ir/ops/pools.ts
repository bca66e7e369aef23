import type { PoolGeometry, Value } from '../ir.ts'
import { slide } from '../shapes.ts'
import type { OpRecord } from './op.ts'
import { withX } from './op.ts'
import { poolText } from './text.ts'

export const pool = {
  kind: 'anchor',
  withOperands: withX,
  type: (operation) => ({ shape: slide(operation.x.shape, operation), dtype: 'f32' }),
  gradient(b, y, dy) {
    const { x } = y
    const slope = (): Value =>
      y.function === 'max'
        ? b.maxPoolGradient(x, y, dy, geometryOf(y))
        : b.averagePoolGradient(dy, x.shape, geometryOf(y))
    return [[x, slope]]
  },
  print: (y) => [`${y.op}_${y.function}`, ...poolText(y)],
} as const satisfies OpRecord<'pool'>

export const max_pool_gradient = {
  kind: 'anchor',
  withOperands(operation, change) {
    const x = change(operation.x)
    return { ...operation, x, y: change(operation.y), dy: change(operation.dy) }
  },
  type: ({ x }) => ({ shape: x.shape, dtype: 'f32' }),
  gradient() {
    throw new Error('the gradient of a max pool has no gradient')
  },
  print: (dx) => [dx.op, ...poolText(dx)],
} as const satisfies OpRecord<'max_pool_gradient'>

export const average_pool_gradient = {
  kind: 'anchor',
  withOperands: (operation, change) => ({ ...operation, dy: change(operation.dy) }),
  type: ({ shape }) => ({ shape, dtype: 'f32' }),
  gradient: (b, dx, slope) => [[dx.dy, () => b.pool('average', slope, geometryOf(dx))]],
  print: (dx) => [dx.op, ...poolText(dx)],
} as const satisfies OpRecord<'average_pool_gradient'>

function geometryOf({ size, strides, padding }: PoolGeometry): PoolGeometry {
  return { size, strides, padding }
}
