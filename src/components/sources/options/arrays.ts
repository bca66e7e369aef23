import * as z from 'zod'

import type { ColumnEncoding, InputSelection, Selection } from '../selection.ts'
import { Scale } from './features.ts'
import { Augment, Balance } from './rows.ts'
import { ArraySplit } from './split.ts'

/** The keys shared by every source of ready arrays. */
export const arrayKeys = {
  features: z
    .strictObject({ scale: Scale.default('none') })
    .prefault({})
    .describe('The encoding of the inputs'),
  augment: Augment.optional(),
  balance: Balance.default('none'),
  split: ArraySplit.prefault({}),
}

type Arrays = Pick<InputSelection, 'shape'> & { input?: string; target: string; scale: Scale }

/** The roles of one input and one target; without `input`, every other column is one. */
export function arraySelection({ input, target, scale, shape }: Arrays): Selection {
  return {
    isSingle: true,
    inputs: [
      {
        path: ['data', 'features'],
        ...(input !== undefined && { columns: [input] }),
        exclude: [],
        encoding: plainEncoding(scale),
        ...(shape && { shape }),
      },
    ],
    targets: [{ path: ['data', 'target'], columns: [target], scale: 'none' }],
    missing: 'error',
    keys: [],
  }
}

export function plainEncoding(scale: Scale): ColumnEncoding {
  return { scale, oneHot: [], unseen: 'error', transforms: {} }
}
