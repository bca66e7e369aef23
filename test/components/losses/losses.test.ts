import { describe, expect, it } from 'vitest'

import { interpret } from '../../../src/ir/interpreter/interpreter.ts'
import { losses } from '../../../src/components/losses/index.ts'
import { expectClose, expectGoldenMembers, expectKerasDefaults } from '../../golden/golden.ts'
import { cases, golden, programOf } from './cases.ts'

it('has golden numbers for every member', () => {
  expectGoldenMembers(losses, golden.cases, golden.defaults)
})

it.each(Object.entries(golden.defaults))("%s has Keras's options and defaults", (type, defaults) => {
  expectKerasDefaults(losses, type, defaults)
})

it.each([
  ['bce', 'binary_crossentropy'],
  ['BinaryFocalCrossentropy', 'binary_focal_crossentropy'],
  ['kld', 'kl_divergence'],
  ['KLDivergence', 'kl_divergence'],
  ['MAE', 'mean_absolute_error'],
  ['mape', 'mean_absolute_percentage_error'],
  ['mse', 'mean_squared_error'],
  ['msle', 'mean_squared_logarithmic_error'],
  ['LogCosh', 'log_cosh'],
])('%s is %s', (alias, type) => {
  expect(losses.find(alias)?.type).toBe(type)
})

describe.each(cases)('%s', (_name, example) => {
  const program = programOf(example)
  const apply = (x: readonly number[]): Float64Array =>
    interpret(
      program,
      new Map([
        ['x', x],
        ['target', example.target.data],
      ]),
    ).get('y') ?? new Float64Array()
  const { data: xs } = example.x

  it("gives Keras's loss of each sample", () => {
    expect(program.outputs.get('y')?.shape).toEqual(example.y.shape)
    expectClose(apply(xs), example.y.data, { absolute: 2e-6 })
  })

  it("has Keras's gradient wherever it is smooth", () => {
    const values = apply(xs)
    const change = (i: number, move: number): number => {
      const moved = apply(xs.with(i, (xs[i] ?? 0) + move))
      return moved.reduce((sum, y, j) => sum + (y - (values[j] ?? NaN)) * (example.dy.data[j] ?? NaN), 0)
    }
    const smooth = xs.flatMap((x, i) => {
      const step = 1e-6 * Math.max(1, Math.abs(x))
      const [left, right] = [-change(i, -step) / step, change(i, step) / step]
      const kink = Math.abs(right - left) > 1e-4 + 1e-3 * (Math.abs(left) + Math.abs(right))
      return kink ? [] : [{ i, slope: (left + right) / 2 }]
    })
    expectClose(
      smooth.map(({ slope }) => slope),
      smooth.map(({ i }) => example.dx.data[i] ?? NaN),
      { relative: 1e-4, absolute: 1e-5 },
    )
  })
})

it('weighs only as many classes as there are with a list of alphas', () => {
  const config = losses.ref().parse({ type: 'categorical_focal_crossentropy', alpha: [0.1, 0.2] })
  expect(() => losses.of(config).checkPrediction?.(config, [3])).toThrow('alpha has the weights of 2 classes')
  expect(() => losses.of(config).checkPrediction?.(config, [2])).not.toThrow()
})

it.each([0, 3, -4])('refuses axis %i of the vectors that a cosine is between', (axis) => {
  const config = losses.ref().parse({ type: 'cosine_similarity', axis })
  expect(() => losses.of(config).checkPrediction?.(config, [3, 4])).toThrow('axis')
})
