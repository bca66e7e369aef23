import { describe, expect, it } from 'vitest'

import { interpret } from '../../../src/ir/interpreter/interpreter.ts'
import { activations } from '../../../src/components/activations/index.ts'
import { ShapeError } from '../../../src/components/shape-error.ts'
import { expectClose, expectGoldenMembers, expectKerasDefaults } from '../../golden/golden.ts'
import { cases, configOf, golden, programOf } from './cases.ts'

it('has golden numbers for every member, and every activation that Keras has', () => {
  expectGoldenMembers(activations, golden.cases, golden.defaults)
})

it.each(Object.entries(golden.defaults))("%s has Keras's options and defaults", (type, defaults) => {
  expectKerasDefaults(activations, type, defaults)
})

describe.each(cases)('%s', (_name, example) => {
  const config = configOf(example)
  const program = programOf(config, example.x.shape)
  const apply = (x: number[]): Float64Array =>
    interpret(program, new Map([['x', x]])).get('y') ?? new Float64Array()
  const { data: xs } = example.x

  it('gives the golden values', () => {
    // In float32, Keras loses the digits that squareplus cancels.
    const absolute = config.type === 'squareplus' ? 1e-3 : 1e-6
    expectClose(apply(xs), example.y.data, { absolute })
  })

  it('gives the shape that it announces', () => {
    const [batch = 0, ...shape] = example.x.shape
    const announced = activations.of(config).outputShape?.(config, shape) ?? shape
    expect(program.outputs.get('y')?.shape).toEqual([batch, ...announced])
    expect(example.y.shape).toEqual([batch, ...announced])
  })

  it('has the golden gradient wherever it is smooth', () => {
    const values = apply(xs)
    const change = (i: number, move: number): number => {
      const moved = apply(xs.with(i, (xs[i] ?? 0) + move))
      return moved.reduce((sum, y, j) => sum + (y - (values[j] ?? NaN)) * (example.dy.data[j] ?? NaN), 0)
    }
    const smooth = xs.flatMap((x, i) => {
      const step = 1e-5 * Math.max(1, Math.abs(x))
      const [left, right] = [-change(i, -step) / step, change(i, step) / step]
      const kink = Math.abs(right - left) > 1e-6 + 1e-3 * (Math.abs(left) + Math.abs(right))
      // Keras on TensorFlow counts the slope of celu at 0 twice.
      return kink || (config.type === 'celu' && x === 0) ? [] : [{ i, slope: (left + right) / 2 }]
    })
    expect(smooth.length).toBeGreaterThan(xs.length / 2)
    expectClose(
      smooth.map(({ slope }) => slope),
      smooth.map(({ i }) => example.dx.data[i] ?? NaN),
      { relative: 1e-4, absolute: 1e-5 },
    )
  })
})

describe('an axis', () => {
  const along = (type: string, axis: number, shape: number[]) => {
    const config = configOf({ type, options: { axis } })
    return () => activations.of(config).outputShape?.(config, shape)
  }

  it.each(['softmax', 'log_softmax', 'sparsemax', 'glu'])('of %s must exist and not be the batch', (type) => {
    expect(along(type, 2, [4])).toThrow(ShapeError)
    expect(along(type, -3, [4])).toThrow('needs more axes than [batch, 4] has')
    expect(along(type, 0, [4])).toThrow('would mix the rows of a batch')
    expect(along(type, -2, [4])).toThrow('would mix the rows of a batch')
    expect(along(type, 1, [4])).not.toThrow()
  })

  it('of glu has an even length, which is halved', () => {
    expect(along('glu', -1, [3, 6])()).toEqual([3, 3])
    expect(along('glu', 1, [3, 6])).toThrow('whose length 3 is odd')
  })
})

it('sparsemax gives probabilities that add up to 1, whatever the size of its inputs', () => {
  const program = programOf(configOf({ type: 'sparsemax', options: {} }), [3, 4])
  const y = interpret(program, new Map([['x', [1e6, 1e6, -1e6, 0, 0.1, 0.2, 0.3, 0.4, -3, -3, -3, -9]]])).get(
    'y',
  )
  expectClose(y ?? [], [0.5, 0.5, 0, 0, 0.1, 0.2, 0.3, 0.4, 1 / 3, 1 / 3, 1 / 3, 0])
})
