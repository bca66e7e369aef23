import * as z from 'zod'

import { defaultsSchema, readGolden, tensorSchema } from './golden.ts'

const component = { type: z.string(), options: z.record(z.string(), z.unknown()), x: tensorSchema }

/** Keras's penalties with their gradients, and its constrained weights. */
export const golden = readGolden(
  'penalties',
  z.object({
    defaults: z.object({ regularizers: defaultsSchema, constraints: defaultsSchema }),
    regularizers: z.array(z.object({ ...component, y: z.number(), dx: tensorSchema })),
    constraints: z.array(z.object({ ...component, y: tensorSchema })),
  }),
)
