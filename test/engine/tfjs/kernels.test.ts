import { beforeAll, expect, test } from 'vitest'
import type { Tf } from '../../../src/engine/tfjs/backend.ts'
import { describeBackends, loadFixed, loadTimeout } from './backends.ts'
import { tensorOf, uniform } from './kernels.case.ts'
import type { Case } from './kernels.case.ts'
import { cases } from './kernels.cases.ts'
import { windowCases } from './kernels.windows.ts'
import { nth } from './kernels.reference.ts'
import type { NdArray } from './kernels.reference.ts'

/** d sum(dy * f(inputs)) / d inputs[which], by central differences in float64. */
function numericGradient(
  f: (inputs: NdArray[]) => NdArray,
  inputs: readonly NdArray[],
  which: number,
  dy: NdArray,
) {
  const step = 1e-5
  const loss = (values: Float64Array) => {
    const moved = inputs.map((input, i) => (i === which ? { ...input, values } : input))
    return f(moved).values.reduce((sum, y, i) => sum + y * nth(dy.values, i), 0)
  }
  const values = inputs[which]?.values ?? new Float64Array()
  return values.map((x, i) => (loss(values.with(i, x + step)) - loss(values.with(i, x - step))) / (2 * step))
}

type Expected = { y: NdArray; dy: NdArray; gradients: Float64Array[] }
const known = new Map<Case, Expected>()

/** What every backend should compute, worked out once. */
function expectedOf(given: Case): Expected {
  const reference = (inputs: NdArray[]) => given.reference(...(inputs as [NdArray, NdArray]))
  const work = () => {
    const y = reference([...given.inputs])
    const dy = uniform(y.shape, -1, 1, 'dy')
    return { y, dy, gradients: given.inputs.map((_, i) => numericGradient(reference, given.inputs, i, dy)) }
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

describeBackends((backend) => {
  let tf: Tf
  beforeAll(async () => {
    tf = await loadFixed(backend)
  }, loadTimeout)

  test.for([...cases, ...windowCases])('$name: values and gradients', (given: Case, { skip }) => {
    skip(given.notNative === true && backend === 'tensorflow', 'native TensorFlow has no such kernel')
    const { y: expected, dy, gradients: expectedGradients } = expectedOf(given)
    tf.tidy(() => {
      const xs = given.inputs.map((x) => tensorOf(tf, x))
      const f = (...inputs: typeof xs) => given.run(tf, inputs[0]!, inputs[1]!)
      const y = f(...xs)
      expect(y.shape).toEqual(expected.shape)
      expectClose(y.dataSync(), expected.values, 2e-6)
      const gradients = tf.grads(f)(xs, tensorOf(tf, dy))
      for (const [i, gradient] of gradients.entries()) {
        expect(gradient.shape).toEqual(given.inputs[i]?.shape)
        expectClose(gradient.dataSync(), expectedGradients[i] ?? new Float64Array(), 1e-5)
      }
    })
  })

  test('the sign of what is next to 0', () => {
    const x = [-8e-8, -1e-30, 0, 1e-30, 8e-8]
    expect([...tf.sign(tf.tensor1d(x)).dataSync()].map((sign) => sign + 0)).toEqual([-1, -1, 0, 1, 1])
  })
})
