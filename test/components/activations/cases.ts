import * as z from 'zod'

import { Builder } from '../../../src/ir/builder.ts'
import type { Program, Shape } from '../../../src/ir/ir.ts'
import { activations } from '../../../src/components/activations/index.ts'
import { defaultsSchema, readGolden, tensorSchema } from '../../golden/golden.ts'

/** Keras's values and gradients: dx is the gradient of the sum of y * dy. */
export const golden = readGolden(
  'activations',
  z.object({
    defaults: defaultsSchema,
    cases: z.array(
      z.object({
        type: z.string(),
        options: z.record(z.string(), z.unknown()),
        x: tensorSchema,
        y: tensorSchema,
        dy: tensorSchema,
        dx: tensorSchema,
      }),
    ),
  }),
)

/** Each case with a name for the test's title. */
export const cases = golden.cases.map(
  (example) => [`${example.type} ${JSON.stringify(example.options)}`, example] as const,
)

export function configOf({ type, options }: { type: string; options: Record<string, unknown> }) {
  return activations.ref().parse({ type, ...options })
}

/** From the input x to the output y. */
export function programOf(config: ReturnType<typeof configOf>, shape: Shape): Program {
  const b = new Builder()
  return b.program([['y', activations.of(config).apply(b, b.input('x', shape), config)]])
}
