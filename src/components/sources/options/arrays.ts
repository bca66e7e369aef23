import * as z from 'zod'

import type { ColumnEncoding, InputSelection, Positives, Selection, TargetSelection } from '../selection.ts'
import { Scale } from './features.ts'
import { Augment, Balance, Limit } from './rows.ts'
import { ArraySplit } from './split.ts'
import { Positive } from './target.ts'

/** The keys shared by every source of ready arrays. */
export const arrayKeys = {
  features: z
    .strictObject({ scale: Scale.default('none') })
    .prefault({})
    .describe('The encoding of the inputs'),
  target: z.strictObject({ positive: Positive.optional() }).optional().describe('The reading of the labels'),
  limit: Limit,
  augment: Augment.optional(),
  balance: Balance.default('none'),
  split: ArraySplit.prefault({}),
}

type Arrays = Pick<InputSelection, 'shape'> & {
  input?: string
  target: string
  scale: Scale
  positive: Pick<TargetSelection, 'positive'>
}

/** The roles of one input and one target; without `input`, every other column is one. */
export function arraySelection({ input, target, scale, shape, positive }: Arrays): Selection {
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
    targets: [{ path: ['data', 'target'], columns: [target], scale: 'none', ...positive }],
    missing: 'error',
    keys: [],
  }
}

export function plainEncoding(scale: Scale): ColumnEncoding {
  return { scale, oneHot: [], unseen: 'error', transforms: {} }
}

type ArrayTarget = { target?: { positive?: string | number | boolean | undefined } | undefined }

/** The positive class that a section of arrays names. */
export function positiveOf({ target }: ArrayTarget): Pick<TargetSelection, 'positive'> {
  return target?.positive === undefined ? {} : { positive: String(target.positive) }
}

/** A section that names the positive class of its only output, where it named none. */
export function arraysWithPositives<S extends ArrayTarget>(spec: S, positives: Positives): S {
  const [positive] = positives.values()
  return positive === undefined ? spec : { ...spec, target: { positive, ...spec.target } }
}
