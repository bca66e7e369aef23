import * as z from 'zod'

import { readGolden, tensorSchema } from '../golden/golden.ts'

/** What real Keras says about its classes, its order of layers and a model that it saved. */
export const golden = readGolden(
  'exchange',
  z.object({
    options: z.record(z.string(), z.record(z.string(), z.array(z.string()))),
    orders: z.array(
      z.object({
        inputs: z.array(z.string()),
        layers: z.array(z.object({ name: z.string(), from: z.array(z.string()) })),
        outputs: z.array(z.string()),
        order: z.array(z.string()),
      }),
    ),
    saved: z.object({ inputs: tensorSchema, predictions: tensorSchema }),
  }),
)
