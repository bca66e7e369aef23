import * as z from 'zod'

import type { Shape } from '../../ir/ir.ts'
import { ShapeError } from '../shape-error.ts'
import { defineLayer } from './layer.ts'
import { constraintOption, initializerOption, regularizerOption } from './options.ts'

/** He et al. (2015). Keras symbol: keras.layers.PReLU. */
export const prelu = defineLayer({
  type: 'prelu',
  keras: 'PReLU',
  summary: 'x where positive, else alpha * x with an alpha that is learned for each element',
  masking: 'pass',
  options: () => ({
    alpha_initializer: initializerOption('alpha', 'zeros'),
    alpha_regularizer: regularizerOption('alpha'),
    alpha_constraint: constraintOption('alpha'),
    shared_axes: z
      .union([
        z
          .int()
          .positive()
          .transform((axis) => [axis]),
        z.array(z.int().positive()),
      ])
      .nullable()
      .default(null)
      .describe(
        'Axes, counted from 1, along which elements share an alpha: [1, 2] for one a channel of images',
      ),
  }),
  shapedBy: ['shared_axes'],
  outputShape({ shared_axes }, input) {
    const missing = shared_axes?.find((axis) => axis > input.length)
    if (missing === undefined) return input
    throw new ShapeError(`the input [${input.join(', ')}] has no axis ${missing}`, {
      option: 'shared_axes',
      hint: `its axes are 1 to ${input.length}`,
    })
  },
  parameters: (config, input) => [
    {
      name: 'alpha',
      shape: alphaShape(config.shared_axes, input),
      initializer: config.alpha_initializer,
      regularizer: config.alpha_regularizer,
      constraint: config.alpha_constraint,
    },
  ],
  forward: ({ b, parameter }, _config, x) => b.sub(b.relu(x), b.mul(parameter('alpha'), b.relu(b.neg(x)))),
  topology: (keras, { shared_axes }, input) =>
    keras.layer('PReLU', { shared_axes }, [input], input.shape, { alpha: 'alpha' }),
})

function alphaShape(shared: Shape | null, input: Shape): Shape {
  return input.map((length, i) => (shared?.includes(i + 1) ? 1 : length))
}
