// wasm's log1p rounds 1 + x, and its sign of what is below 1e-7 is 0; cpu's erf is off by 1e-7 near 0; tfjs-core's
// gradients of the functions below have the shape of the output, whatever was broadcast; comparisons have no gradient
// at all, so that nothing they stand in can be differentiated.
import type { Tensor, Tf } from '../backend.ts'
import { given, valuesOf } from './fix.ts'
import type { GradientFix, KernelFix } from './fix.ts'

export const elementwiseFixes: readonly KernelFix[] = [
  {
    kernelName: 'Log1p',
    backends: ['wasm'],
    compute: (tf, inputs) => tf.tensor(valuesOf(inputs, 'x').map(Math.log1p), given(inputs, 'x').shape),
  },
  {
    kernelName: 'Sign',
    backends: ['wasm'],
    compute: (tf, inputs) =>
      tf.tidy(() => {
        const x = given(inputs, 'x')
        const sign = tf.sub(indicator(tf, tf.greater(x, 0)), indicator(tf, tf.less(x, 0)))
        return tf.where(tf.isNaN(x), x, sign)
      }),
  },
  {
    kernelName: 'Erf',
    backends: ['cpu'],
    compute: (tf, inputs) => tf.tensor(valuesOf(inputs, 'x').map(erf), given(inputs, 'x').shape),
  },
]

/** Abramowitz and Stegun 7.1.6, a series without cancellation; from 4 on, erf is 1 in float32. */
function erf(x: number): number {
  if (Math.abs(x) >= 4) return Math.sign(x)
  let term = x
  let sum = x
  for (let n = 1; Math.abs(term) > 1e-10 * Math.abs(sum); n++) {
    term *= (2 * x * x) / (2 * n + 1)
    sum += term
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum
}

type Derivative = (tf: Tf, a: Tensor, b: Tensor) => Tensor

/** The gradient of f(a, b) from its two derivatives. */
function broadcasting(kernelName: string, byA: Derivative, byB: Derivative): GradientFix {
  return {
    kernelName,
    saves: ['a', 'b'],
    gradient: (tf, { dy, inputs }) => {
      const [a, b] = [given(inputs, 'a'), given(inputs, 'b')]
      return {
        a: () => sumTo(tf, tf.mul(dy, byA(tf, a, b)), a.shape),
        b: () => sumTo(tf, tf.mul(dy, byB(tf, a, b)), b.shape),
      }
    },
  }
}

/** Sums over what was broadcast from `shape`. */
function sumTo(tf: Tf, x: Tensor, shape: number[]): Tensor {
  return tf.reshape(tf.sum(x, tf.broadcast_util.getReductionAxes(shape, x.shape)), shape)
}

function constant(kernelName: string): GradientFix {
  return {
    kernelName,
    saves: ['a', 'b'],
    gradient: (tf, { inputs }) => ({
      a: () => tf.zeros(given(inputs, 'a').shape),
      b: () => tf.zeros(given(inputs, 'b').shape),
    }),
  }
}

const indicator = (tf: Tf, holds: Tensor): Tensor => tf.cast(holds, 'float32')

export const elementwiseGradients: readonly GradientFix[] = [
  broadcasting(
    'Maximum',
    (tf, a, b) => indicator(tf, tf.greaterEqual(a, b)),
    (tf, a, b) => indicator(tf, tf.less(a, b)),
  ),
  broadcasting(
    'Minimum',
    (tf, a, b) => indicator(tf, tf.lessEqual(a, b)),
    (tf, a, b) => indicator(tf, tf.greater(a, b)),
  ),
  broadcasting(
    'SquaredDifference',
    (tf, a, b) => tf.mul(2, tf.sub(a, b)),
    (tf, a, b) => tf.mul(2, tf.sub(b, a)),
  ),
  ...['Equal', 'NotEqual', 'Less', 'LessEqual', 'Greater', 'GreaterEqual'].map(constant),
]
