import * as z from 'zod'

import { counted } from '../../wording.ts'
import { ShapeError } from '../shape-error.ts'
import { mayEqual } from '../unknown-size.ts'
import { defineLayer } from './layer.ts'

/** One number, or one for each channel, the last axis. */
const perChannel = () => z.union([z.number(), z.array(z.number()).min(1)])

/** Keras symbol: keras.layers.Rescaling. */
export const rescaling = defineLayer({
  type: 'rescaling',
  summary: 'scale * x + offset',
  masking: 'pass',
  options: () => ({
    scale: perChannel().describe('Factor: a number, or a list with one for each channel, the last axis'),
    offset: perChannel().default(0).describe('Added to the product: a number, or a list like that of scale'),
  }),
  shapedBy: ['scale', 'offset'],
  outputShape(config, input) {
    const channels = input.at(-1) ?? 1
    for (const option of ['scale', 'offset'] as const) {
      const { length } = [config[option]].flat()
      if (length === 1 || mayEqual(length, channels)) continue
      const hint = 'write one number, or one for each channel, the last axis'
      throw new ShapeError(`${counted(length, 'number')} for ${counted(channels, 'channel')}`, {
        option,
        hint,
      })
    }
    return input
  },
  forward({ b }, { scale, offset }, x) {
    const operand = (of: typeof scale) => (typeof of === 'number' ? of : b.constant(of))
    return b.add(b.mul(x, operand(scale)), operand(offset))
  },
  topology: (keras, { scale, offset }, input) =>
    keras.layer('Rescaling', { scale, offset }, [input], input.shape),
})
