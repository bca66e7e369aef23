import { describe, expect, it } from 'vitest'

import { activations } from '../../src/components/activations/index.ts'
import { losses } from '../../src/components/losses/index.ts'
import { Builder } from '../../src/ir/builder.ts'
import { differentiate } from '../../src/ir/gradient.ts'
import { interpret } from '../../src/ir/interpreter/interpreter.ts'
import type { Value } from '../../src/ir/ir.ts'
import { drawConfig } from '../ir/examples.ts'
import { execute } from '../backend/wasm/execute.ts'

// Beside the kinks of piecewise functions, where rounding decides the side.
const SIZES = [
  1e-6, 1e-5, 1e-4, 1e-3, 0.01, 0.12, 0.3, 0.7, 1.1, 1.6, 2.9, 5.9, 9, 12, 14, 16, 18, 25, 40, 80,
]
const XS = [...SIZES.map((size) => -size).reverse(), 0, ...SIZES].map(Math.fround)

/** Rounding of a value near 1: saturated functions and probabilities are no more precise than that, in Keras either. */
const ROUNDING = 2.5e-7

/** Losses that are computed from logits or numbers, with nothing near 1 between. */
const precise = new Set([
  'binary_crossentropy',
  'huber',
  'log_cosh',
  'mean_squared_error',
  'mean_absolute_error',
])

describe('in float32, without cancellation', () => {
  it.each(activations.members.filter(({ outputShape }) => outputShape === undefined).map(({ type }) => type))(
    'the activation %s has the value and the slope of float64',
    (type) => {
      const config = activations.ref().parse(drawConfig(activations, activations.of({ type }), () => 0))
      expectPrecise((b, x) => activations.of(config).apply(b, x, config), ROUNDING)
    },
  )

  it.each(losses.members.filter(({ target }) => target === 'values').map(({ type }) => type))(
    'the loss %s has the value and the slope of float64',
    (type) => {
      const component = losses.of({ type })
      const config = losses.ref().parse(type)
      for (const target of [0, 1]) {
        expectPrecise(
          (b, x) => {
            const units = b.concat([x, b.constant(0.5, x.shape)], 1)
            const prediction = component.kind === 'classes' ? b.sigmoid(units) : units
            return component.call(b, { target: b.constant(target, units.shape), prediction }, config)
          },
          precise.has(type) ? 1e-12 : ROUNDING,
        )
      }
    },
  )
})

function expectPrecise(apply: (b: Builder, x: Value) => Value, floor: number): void {
  const b = new Builder()
  const x = b.input('x', [XS.length, 1])
  const y = apply(b, x)
  const [slope = x] = differentiate(b, b.sum(y), [x])
  const program = b.program([
    ['y', b.reshape(y, [XS.length])],
    ['slope', b.reshape(slope, [XS.length])],
  ])
  const inputs = new Map([['x', XS]])
  const exact = interpret(program, inputs)
  const rounded = execute(program, inputs)
  const wrong: string[] = []
  for (const name of ['y', 'slope']) {
    for (const [i, value] of (exact.get(name) ?? []).entries()) {
      const got = rounded.get(name)?.[i] ?? NaN
      const error = Math.abs(got - value)
      if (error > 1e-5 * Math.abs(value) + floor) wrong.push(`${name}(${XS[i]}): ${got} instead of ${value}`)
    }
  }
  expect(wrong).toEqual([])
}
