import * as z from 'zod'

import { Augment } from './augment.ts'
import { Balance } from './balance.ts'
import { Scale } from './features.ts'
import { ArraySplit } from './split.ts'

/** The keys shared by every source of ready arrays. */
export const arrayKeys = {
  features: z
    .strictObject({ scale: Scale.default('none') })
    .prefault({})
    .describe('How the inputs are encoded'),
  augment: Augment.optional(),
  balance: Balance.default('none'),
  split: ArraySplit.prefault({}),
}
