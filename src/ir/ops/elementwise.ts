import type { ExpressionBuilder } from '../expression-builder.ts'
import type { BinaryFunction, Shape, UnaryFunction, Value } from '../ir.ts'
import { fit } from '../shapes.ts'
import { nameOnly, over } from './op.ts'
import type { OpRecord, Slopes } from './op.ts'
import { reduceTo } from './reduce-to.ts'

/** The gradient to x of y = f(x), or undefined where f is flat between its steps. */
type UnarySlope = ((b: ExpressionBuilder, y: Value<'unary'>, dy: Value) => Value) | undefined

/** Slopes are expressions of the result where they can be: the operand need not be kept then. */
const UNARY: Record<UnaryFunction, UnarySlope> = {
  abs: (b, { x }, dy) => b.mul(dy, b.sign(x)),
  ceil: undefined,
  cos: (b, { x }, dy) => b.mul(dy, b.neg(b.sin(x))),
  erf: (b, { x }, dy) => b.mul(dy, b.mul(b.exp(b.neg(b.square(x))), 2 / Math.sqrt(Math.PI))),
  exp: (b, y, dy) => b.mul(dy, y),
  expm1: (b, y, dy) => b.mul(dy, b.add(y, 1)),
  floor: undefined,
  log: (b, { x }, dy) => b.div(dy, x),
  log1p: (b, { x }, dy) => b.div(dy, b.add(x, 1)),
  neg: (b, _y, dy) => b.neg(dy),
  relu: (b, y, dy) => b.select(b.greater(y, 0), dy, 0),
  rsqrt: (b, y, dy) => b.mul(dy, b.mul(b.mul(b.square(y), y), -0.5)),
  sigmoid: (b, y, dy) => b.mul(dy, b.mul(y, b.sub(1, y))),
  sign: undefined,
  sin: (b, { x }, dy) => b.mul(dy, b.cos(x)),
  softplus: (b, { x }, dy) => b.mul(dy, b.sigmoid(x)),
  sqrt: (b, y, dy) => b.div(b.mul(dy, 0.5), y),
  square: (b, { x }, dy) => b.mul(dy, b.mul(x, 2)),
  tanh: (b, y, dy) => b.mul(dy, b.sub(1, b.square(y))),
}

export const unary = {
  kind: 'elementwise',
  ...over('x'),
  type: ({ x }) => ({ shape: x.shape, dtype: 'f32' }),
  gradient(b, y, dy) {
    const slope = UNARY[y.function]
    return slope === undefined ? [] : [[y.x, () => slope(b, y, dy)]]
  },
  print: (y) => [y.function],
} as const satisfies OpRecord<'unary'>

/** The gradients still have the shape of the result, to which the operands were broadcast. */
type BinarySlopes = (b: ExpressionBuilder, y: Value<'binary'>, dy: Value) => Slopes

const BINARY: Record<BinaryFunction, BinarySlopes> = {
  equal: () => [],
  less: () => [],
  less_equal: () => [],
  add: (_b, y, dy) => [
    [y.a, () => dy],
    [y.b, () => dy],
  ],
  sub: (b, y, dy) => [
    [y.a, () => dy],
    [y.b, () => b.neg(dy)],
  ],
  mul: (b, y, dy) => [
    [y.a, () => b.mul(dy, y.b)],
    [y.b, () => b.mul(dy, y.a)],
  ],
  div: (b, y, dy) => [
    [y.a, () => b.div(dy, y.b)],
    [y.b, () => b.neg(b.mul(b.div(dy, y.b), y))],
  ],
  max: (b, y, dy) => eitherWay(b, y, dy, () => b.greaterEqual(y.a, y.b)),
  min: (b, y, dy) => eitherWay(b, y, dy, () => b.lessEqual(y.a, y.b)),
  pow: (b, y, dy) => [
    [y.a, () => b.mul(dy, b.mul(y.b, b.pow(y.a, b.sub(y.b, 1))))],
    [y.b, () => b.mul(dy, b.mul(y, b.log(b.select(b.greater(y.a, 0), y.a, 1))))],
  ],
}

/** All of dy flows to a where `first` holds, else to b. */
function eitherWay(b: ExpressionBuilder, y: Value<'binary'>, dy: Value, first: () => Value): Slopes {
  return [
    [y.a, () => b.select(first(), dy, 0)],
    [y.b, () => b.select(first(), 0, dy)],
  ]
}

export const binary = {
  kind: 'elementwise',
  ...over('a', 'b'),
  type: ({ function: name, a, b }) => ({ shape: fit(name, a.shape, b.shape), dtype: 'f32' }),
  gradient: (b, y, dy) =>
    BINARY[y.function](b, y, dy).map(([x, gradient]) => [x, () => reduceTo(b, gradient(), x.shape)]),
  print: (y) => [y.function],
} as const satisfies OpRecord<'binary'>

export const select = {
  kind: 'elementwise',
  ...over('condition', 'a', 'b'),
  type({ op, condition, a, b }) {
    const shape = [a, b].reduce<Shape>((whole, x) => fit(op, whole, x.shape), condition.shape)
    return { shape, dtype: a.dtype }
  },
  gradient: (b, y, dy) => [
    [y.a, () => reduceTo(b, b.select(y.condition, dy, 0), y.a.shape)],
    [y.b, () => reduceTo(b, b.select(y.condition, 0, dy), y.b.shape)],
  ],
  print: nameOnly,
} as const satisfies OpRecord<'select'>

export const cast = {
  kind: 'elementwise',
  ...over('x'),
  type: ({ x, dtype }) => ({ shape: x.shape, dtype }),
  gradient: (_b, { x, dtype }, dy) => (dtype === 'f32' && x.dtype === 'f32' ? [[x, () => dy]] : []),
  print: nameOnly,
} as const satisfies OpRecord<'cast'>
