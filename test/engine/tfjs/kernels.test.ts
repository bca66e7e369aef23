import { beforeAll, expect, test } from 'vitest'
import type { Tf } from '../../../src/engine/tfjs/backend.ts'
import { describeBackends, loadFixed, loadTimeout } from './backends.ts'
import { tensorOf, uniform } from './kernels.case.ts'
import type { Case } from './kernels.case.ts'
import { cases } from './kernels.cases.ts'
import { windowCases } from './kernels.windows.ts'
import { nth } from './kernels.reference.ts'
import type { NdArray } from './kernels.reference.ts'

/** Random directions in which a gradient is measured: an error of any one element shows in each. */
const DIRECTIONS = 4

/** A direction in the space of inputs[which], and the derivative of sum(dy * f(inputs)) in it. */
type Slope = { readonly direction: NdArray; readonly derivative: number }

/** Slopes by central differences in float64. */
function slopesOf(f: (inputs: NdArray[]) => NdArray, inputs: readonly NdArray[], which: number, dy: NdArray) {
  const step = 1e-5
  return Array.from({ length: DIRECTIONS }, (_, index): Slope => {
    const direction = uniform(inputs[which]?.shape ?? [], -1, 1, `direction ${index}`)
    const loss = (sign: number) => {
      const along = (x: number, i: number) => x + sign * step * nth(direction.values, i)
      const moved = inputs.map((input, i) =>
        i === which ? { ...input, values: input.values.map(along) } : input,
      )
      return f(moved).values.reduce((sum, y, i) => sum + y * nth(dy.values, i), 0)
    }
    return { direction, derivative: (loss(1) - loss(-1)) / (2 * step) }
  })
}

type Expected = { y: NdArray; dy: NdArray; slopes: Slope[][] }
const known = new Map<Case, Expected>()

/** What every backend should compute, worked out once. */
function expectedOf(given: Case): Expected {
  const reference = (inputs: NdArray[]) => given.reference(...(inputs as [NdArray, NdArray]))
  const work = () => {
    const y = reference([...given.inputs])
    const dy = uniform(y.shape, -1, 1, 'dy')
    return { y, dy, slopes: given.inputs.map((_, i) => slopesOf(reference, given.inputs, i, dy)) }
  }
  const expected = known.get(given) ?? work()
  known.set(given, expected)
  return expected
}

/** The largest error, as a share of what float32 allows. */
function expectClose(actual: ArrayLike<number>, expected: Float64Array, tolerance: number) {
  const scale = expected.reduce((max, x) => Math.max(max, Math.abs(x)), 1e-6)
  let worst = ''
  let worstError = 0
  for (const [i, x] of expected.entries()) {
    const error = Math.abs(nth(actual, i) - x) / scale
    if (!(error <= Math.max(tolerance, worstError)))
      [worstError, worst] = [error, `[${i}] is ${actual[i]}, not ${x} (scale ${scale})`]
  }
  if (worst) throw new Error(worst)
  expect(actual.length).toBe(expected.length)
}

/** The gradient has these slopes, with the share of its size that float32 allows. */
function expectSlopes(gradient: ArrayLike<number>, slopes: readonly Slope[], tolerance: number) {
  const size = Math.sqrt(Array.from(gradient).reduce((sum, x) => sum + x * x, 0))
  for (const { direction, derivative } of slopes) {
    const actual = direction.values.reduce((sum, x, i) => sum + x * nth(gradient, i), 0)
    expect(Math.abs(actual - derivative)).toBeLessThanOrEqual(tolerance * Math.max(size, 1e-6))
  }
}

describeBackends((backend) => {
  let tf: Tf
  beforeAll(async () => {
    tf = await loadFixed(backend)
  }, loadTimeout)

  test.for([...cases, ...windowCases])('$name: values and gradients', (given: Case, { skip }) => {
    skip(given.notNative === true && backend === 'tensorflow', 'native TensorFlow has no such kernel')
    const { y: expected, dy, slopes } = expectedOf(given)
    tf.tidy(() => {
      const xs = given.inputs.map((x) => tensorOf(tf, x))
      const f = (...inputs: typeof xs) => given.run(tf, inputs[0]!, inputs[1]!)
      const y = f(...xs)
      expect(y.shape).toEqual(expected.shape)
      expectClose(y.dataSync(), expected.values, 2e-6)
      const gradients = tf.grads(f)(xs, tensorOf(tf, dy))
      for (const [i, gradient] of gradients.entries()) {
        expect(gradient.shape).toEqual(given.inputs[i]?.shape)
        expectSlopes(gradient.dataSync(), slopes[i] ?? [], 1e-5)
      }
    })
  })

  test('the sign of what is next to 0', () => {
    const x = [-8e-8, -1e-30, 0, 1e-30, 8e-8]
    expect([...tf.sign(tf.tensor1d(x)).dataSync()].map((sign) => sign + 0)).toEqual([-1, -1, 0, 1, 1])
  })
})
