import { describe, expect, it } from 'vitest'

import { layers } from '../../../src/components/layers/index.ts'
import { UNKNOWN } from '../../../src/components/unknown-size.ts'
import { cases } from './layers.cases.ts'

type Shapes = readonly (readonly number[])[]

/** The shapes with each size unknown in turn, and with all. */
function* hidden(shapes: Shapes): Generator<Shapes> {
  for (const [i, shape] of shapes.entries())
    for (const axis of shape.keys()) yield shapes.with(i, shape.with(axis, UNKNOWN))
  yield shapes.map((shape) => shape.map(() => UNKNOWN))
}

const agrees = (found: readonly number[], known: readonly number[]): boolean =>
  found.length === known.length &&
  found.every((length, axis) => Number.isNaN(length) || length === known[axis])

describe('a layer whose input has a size that is not known yet', () => {
  it.each(cases)('takes it: %s', (_name, { type, options, inputs }) => {
    const config = layers.ref().parse({ type, ...options })
    const component = layers.of(config)
    const shapes = inputs.map(({ shape: [, ...row] }) => row)
    const output = component.outputShape(config, shapes)
    const parameters = component.parameters(config, shapes)
    for (const partly of hidden(shapes)) {
      expect(component.outputShape(config, partly)).toSatisfy((shape: number[]) => agrees(shape, output))
      const found = component.parameters(config, partly)
      expect(found.map(({ name }) => name)).toEqual(parameters.map(({ name }) => name))
      for (const [i, { shape }] of found.entries())
        expect(shape).toSatisfy((one: number[]) => agrees(one, parameters[i]?.shape ?? []))
    }
  })

  it('is shown as ? in messages', () => {
    const config = layers.ref().parse({ type: 'conv2d', filters: 2, kernel_size: 3 })
    expect(() => layers.of(config).outputShape(config, [[4, UNKNOWN]])).toThrow('got [4, ?]')
  })
})
