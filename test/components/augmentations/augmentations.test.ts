import * as tf from '@tensorflow/tfjs-core'
import '@tensorflow/tfjs-backend-cpu'
import { beforeAll, describe, expect, it } from 'vitest'

import { Builder } from '../../../src/ir/builder.ts'
import { interpret } from '../../../src/ir/interpreter/interpreter.ts'
import { augmentations } from '../../../src/components/augmentations/index.ts'
import { execute as executeInTfjs } from '../../../src/engine/tfjs/executor.ts'
import { execute } from '../../backend/wasm/execute.ts'
import { expectClose, expectKerasDefaults } from '../../golden/golden.ts'
import { cases, configOf, golden, programOf } from './cases.ts'

beforeAll(async () => {
  tf.enableProdMode()
  await tf.setBackend('cpu')
})

/** What Keras has and a config has not: the run's seed, the one order of axes, and a range that the scale tells. */
const ABSENT: ReadonlySet<string> = new Set(['seed', 'data_format', 'value_range'])

it('has golden numbers for every member', () => {
  const types = augmentations.members.map(({ type }) => type).sort()
  expect(Object.keys(golden.defaults).sort()).toEqual(types)
  expect([...new Set(golden.cases.map(({ type }) => type))].sort()).toEqual(types)
})

it.each(Object.entries(golden.defaults))("%s has Keras's options and defaults", (type, defaults) => {
  const shared = Object.entries(defaults).filter(([option]) => !ABSENT.has(option))
  expectKerasDefaults(augmentations, type, Object.fromEntries(shared))
})

describe.each(cases)('%s', (_name, example) => {
  const { program, inputs } = programOf(example)

  it("gives Keras's pixels", () => {
    expectClose(interpret(program, inputs).get('y') ?? [], example.y.data, { absolute: 3e-6 })
    expect(program.outputs.get('y')?.shape).toEqual(example.y.shape)
  })

  it('gives them in WebAssembly and in TensorFlow.js too', () => {
    expectClose(execute(program, inputs).get('y') ?? [], example.y.data, { absolute: 3e-6 })
    const tensors = [...inputs].map(
      ([name, numbers]) => [name, tf.tensor(numbers, [...(program.inputs.get(name)?.shape ?? [])])] as const,
    )
    const y = executeInTfjs(tf, program, new Map(tensors), 0).get('y')
    expectClose(y?.dataSync() ?? [], example.y.data, { absolute: 3e-6 })
  })
})

/** An augmentation of one image for each row of draws, from the numbers of the seed 0. */
function drawn(
  config: Record<string, unknown> & { type: string },
  shape: number[],
  x: Float32Array,
): Float64Array {
  const b = new Builder()
  const [counter, rows] = [b.input('epoch', [], 'i32'), b.input('rows', [shape[0] ?? 0], 'i32')]
  const options = configOf(config.type, config)
  const uniform = (purpose: string, of: readonly number[]) => b.random(purpose, counter, of, rows)
  const y = augmentations.of(options).apply({ b, uniform }, b.input('x', shape), options)
  const inputs = new Map<string, ArrayLike<number>>([
    ['x', x],
    ['epoch', [4]],
    ['rows', Int32Array.from({ length: shape[0] ?? 0 }, (_, i) => i)],
  ])
  return interpret(b.program([['y', y]]), inputs).get('y') ?? new Float64Array()
}

describe('over many images', () => {
  const count = 4000

  it('half of them are flipped', () => {
    const x = Float32Array.from({ length: 2 * count }, (_, i) => i % 2)
    const y = drawn({ type: 'random_flip', mode: 'horizontal' }, [count, 1, 2, 1], x)
    const flipped = y.filter((pixel, i) => i % 2 === 0 && pixel === 1).length
    expect(flipped / count).toBeCloseTo(0.5, 1)
  })

  it('brightness is spread evenly over its range', () => {
    const x = new Float32Array(count).fill(0.5)
    const y = drawn(
      { type: 'random_brightness', factor: [-0.2, 0.4], value_range: [0, 1] },
      [count, 1, 1, 1],
      x,
    )
    const sorted = [...y].sort((a, b) => a - b)
    expect(sorted[0]).toBeCloseTo(0.3, 2)
    expect(sorted[count / 2]).toBeCloseTo(0.6, 1)
    expect(sorted.at(-1)).toBeCloseTo(0.9, 2)
  })

  it('erasing covers as much as its scale says, of as many as its factor says, with noise', () => {
    const side = 16
    const x = new Float32Array(400 * side * side).fill(-1)
    const shape = [400, side, side, 1]
    const config = { type: 'random_erasing', factor: [0.7, 0.7], scale: [0.25, 0.25], value_range: [0, 9] }
    const y = drawn(config, shape, x)
    const covered = Array.from({ length: 400 }, (_, i) =>
      y.subarray(i * side * side, (i + 1) * side * side).filter((pixel) => pixel !== -1),
    )
    const erased = covered.filter(({ length }) => length > 0)
    expect(erased.length / 400).toBeCloseTo(0.7, 1)
    for (const { length } of erased) expect(length).toBe(64)
    const noise = erased.flatMap((pixels) => [...pixels])
    // Half of a normal distribution is below 0, which the range cuts off.
    expect(noise.filter((pixel) => pixel === 0).length / noise.length).toBeCloseTo(0.5, 1)
    expect(noise.reduce((sum, pixel) => sum + pixel, 0) / noise.length).toBeCloseTo(
      9 * (1 / Math.sqrt(2 * Math.PI) - 0.0833),
      0,
    )
  })
})

it('refuses options that Keras refuses', () => {
  expect(() => configOf('random_translation', { height_factor: 1.5, width_factor: 0 })).toThrow()
  expect(() => configOf('random_zoom', { height_factor: -1 })).toThrow()
  expect(() => configOf('random_erasing', { factor: -0.5 })).toThrow()
  expect(() => configOf('random_brightness', { factor: 0.5, value_range: [1, 0] })).toThrow()
})
