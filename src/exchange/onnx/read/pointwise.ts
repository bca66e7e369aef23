// Operators that make a number of the numbers at the same place: onnx.ai/onnx/operators.
import { BINARY, REDUCE, UNARY } from '../../../ir/interpreter/scalar-functions.ts'
import type { OnnxNode } from './graph.ts'
import { BOOL, isWholeType } from './tensor.ts'

/** A function of the numbers at a place, of which an input that is left out has none. */
export type PointwiseFunction = (...xs: (number | undefined)[]) => number
type PointwiseOperator = (node: OnnxNode) => PointwiseFunction

const sigmoid = UNARY.sigmoid
const clip = (x: number, low: number, high: number): number => Math.min(Math.max(x, low), high)

/** By the name of the operator; attributes have the defaults of the format. */
export const POINTWISE: ReadonlyMap<string, PointwiseOperator> = new Map(
  Object.entries<PointwiseOperator>({
    Abs: unary(UNARY.abs),
    Ceil: unary(UNARY.ceil),
    Cos: unary(UNARY.cos),
    Erf: unary(UNARY.erf),
    Exp: unary(UNARY.exp),
    Floor: unary(UNARY.floor),
    Log: unary(UNARY.log),
    Neg: unary(UNARY.neg),
    Reciprocal: unary((x) => 1 / x),
    Relu: unary(UNARY.relu),
    Sigmoid: unary(sigmoid),
    Sign: unary(UNARY.sign),
    Sin: unary(UNARY.sin),
    Softplus: unary(UNARY.softplus),
    Softsign: unary((x) => x / (1 + Math.abs(x))),
    Sqrt: unary(UNARY.sqrt),
    Tanh: unary(UNARY.tanh),
    Identity: unary((x) => x),
    Not: unary((x) => (x === 0 ? 1 : 0)),
    HardSwish: unary((x) => x * clip(x / 6 + 0.5, 0, 1)),
    Mish: unary((x) => x * Math.tanh(UNARY.softplus(x))),
    Elu: withFloats({ alpha: 1 }, (x, { alpha }) => (x < 0 ? alpha * Math.expm1(x) : x)),
    Celu: withFloats({ alpha: 1 }, (x, { alpha }) => (x < 0 ? alpha * Math.expm1(x / alpha) : x)),
    Selu: withFloats({ alpha: 1.6732632423543772, gamma: 1.0507009873554805 }, (x, { alpha, gamma }) =>
      x < 0 ? gamma * alpha * Math.expm1(x) : gamma * x,
    ),
    LeakyRelu: withFloats({ alpha: 0.01 }, (x, { alpha }) => (x < 0 ? alpha * x : x)),
    ThresholdedRelu: withFloats({ alpha: 1 }, (x, { alpha }) => (x > alpha ? x : 0)),
    HardSigmoid: withFloats({ alpha: 0.2, beta: 0.5 }, (x, { alpha, beta }) => clip(alpha * x + beta, 0, 1)),
    Swish: withFloats({ alpha: 1 }, (x, { alpha }) => x * sigmoid(alpha * x)),
    Shrink: withFloats({ lambd: 0.5, bias: 0 }, (x, { lambd, bias }) =>
      x < -lambd ? x + bias : x > lambd ? x - bias : 0,
    ),
    Gelu: (node) => unary(node.text('approximate', 'none') === 'tanh' ? tanhGelu : exactGelu)(node),
    'com.microsoft.Gelu': unary(exactGelu),
    Clip: (node) => {
      const [least, most] = [node.float('min', -Infinity), node.float('max', Infinity)]
      return (x = NaN, low = least, high = most) => clip(x, low, high)
    },
    Cast: (node) => {
      const type = node.integer('to', 1)
      return unary(type === BOOL ? (x) => (x === 0 ? 0 : 1) : isWholeType(type) ? Math.trunc : (x) => x)(node)
    },
    Add: binary(BINARY.add),
    Sub: binary(BINARY.sub),
    Mul: binary(BINARY.mul),
    Div: binary(BINARY.div),
    Mod: (node) =>
      binary(node.integer('fmod', 0) === 1 ? (a, b) => a % b : (a, b) => a - b * Math.floor(a / b))(node),
    Pow: binary(BINARY.pow),
    Equal: binary(BINARY.equal),
    Less: binary(BINARY.less),
    LessOrEqual: binary(BINARY.less_equal),
    Greater: binary((a, b) => BINARY.less(b, a)),
    GreaterOrEqual: binary((a, b) => BINARY.less_equal(b, a)),
    And: binary((a, b) => (a !== 0 && b !== 0 ? 1 : 0)),
    Or: binary((a, b) => (a !== 0 || b !== 0 ? 1 : 0)),
    PRelu: binary((x, slope) => (x < 0 ? slope * x : x)),
    Where:
      () =>
      (condition, a = NaN, b = NaN) =>
        condition === 0 ? b : a,
    Max: several(REDUCE.max),
    Min: several(REDUCE.min),
    Sum: several(REDUCE.sum),
    Mean:
      () =>
      (...xs) =>
        xs.reduce<number>((sum, x = NaN) => sum + x, 0) / xs.length,
  }),
)

function unary(f: (x: number) => number): PointwiseOperator {
  return () =>
    (x = NaN) =>
      f(x)
}

function binary(f: (a: number, b: number) => number): PointwiseOperator {
  return () =>
    (a = NaN, b = NaN) =>
      f(a, b)
}

function several({ start, step }: (typeof REDUCE)[keyof typeof REDUCE]): PointwiseOperator {
  return () =>
    (...xs) =>
      xs.reduce<number>((result, x = NaN) => step(result, x), start)
}

/** A function with attributes, which have defaults. */
function withFloats<A extends Readonly<Record<string, number>>>(
  defaults: A,
  f: (x: number, attributes: Readonly<Record<keyof A, number>>) => number,
): PointwiseOperator {
  return (node) => {
    const values: Record<keyof A, number> = { ...defaults }
    for (const name in defaults) values[name] = node.float(name, defaults[name] ?? NaN)
    return (x = NaN) => f(x, values)
  }
}

function exactGelu(x: number): number {
  return 0.5 * x * (1 + UNARY.erf(x / Math.SQRT2))
}

function tanhGelu(x: number): number {
  return 0.5 * x * (1 + Math.tanh(Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3)))
}
