import * as z from 'zod'

import { Builder } from '../../../src/ir/builder.ts'
import type { Program } from '../../../src/ir/ir.ts'
import { losses } from '../../../src/components/losses/index.ts'
import { defaultsSchema, readGolden, tensorSchema } from '../../golden/golden.ts'

/** Keras's values and gradients: y is one loss a sample, dx is the gradient of the sum of y * dy. */
export const golden = readGolden(
  'losses',
  z.object({
    defaults: defaultsSchema,
    cases: z.array(
      z.object({
        type: z.string(),
        options: z.record(z.string(), z.unknown()),
        /** The activation whose output is compared; null where x itself is. */
        through: z.enum(['softmax', 'sigmoid']).nullable(),
        target: tensorSchema,
        x: tensorSchema,
        y: tensorSchema,
        dy: tensorSchema,
        dx: tensorSchema,
      }),
    ),
  }),
)
export type Case = (typeof golden.cases)[number]

/** Each case with a name for the test's title. */
export const cases = golden.cases.map(
  (example) =>
    [`${example.type} ${JSON.stringify(example.options)} ${example.through ?? ''}`, example] as const,
)

/** From the inputs x and target to the output y. */
export function programOf({ type, options, through, x, target }: Case): Program {
  const b = new Builder()
  const config = losses.ref().parse({ type, ...options })
  const component = losses.of(config)
  const input = b.input('x', x.shape)
  const prediction = through === null ? input : b[through](input)
  const wanted = b.input('target', target.shape, component.target === 'index' ? 'i32' : 'f32')
  return b.program([['y', component.call(b, { target: wanted, prediction }, config)]])
}
