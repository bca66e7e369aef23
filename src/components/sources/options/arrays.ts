import * as z from 'zod'

import type { ColumnEncoding, InputSelection, Positives, Selection, TargetSelection } from '../selection.ts'
import { withRules } from '../../../rule.ts'
import { Scale } from './features.ts'
import { Augment, Balance, Limit } from './rows.ts'
import { ArraySplit } from './split.ts'
import { Positive, SameAs, TargetScale } from './target.ts'

/** The keys shared by every source of ready arrays. */
export const arrayKeys = {
  features: z
    .strictObject({ scale: Scale.default('none') })
    .prefault({})
    .describe('The encoding of the inputs'),
  target: withRules(
    z.strictObject({
      positive: Positive.optional(),
      scale: TargetScale.optional(),
      same_as: SameAs.optional(),
    }),
    {
      needs: ['positive', 'scale', 'same_as'],
      check({ same_as, ...others }, report) {
        if (same_as === undefined) return
        for (const [key, value] of Object.entries(others)) {
          const hint = 'remove one of the two'
          if (value !== undefined)
            report([key], `${key} and same_as cannot be used together`, { code: 'targets', at: 'key', hint })
        }
      },
    },
  )
    .optional()
    .describe('The reading of the labels, as in {positive: yes}, or {same_as: input} in their place'),
  limit: Limit,
  augment: Augment.optional(),
  balance: Balance.default('none'),
  split: ArraySplit.prefault({}),
}

type Arrays = Pick<InputSelection, 'shape'> & {
  input?: string
  /** The column or columns of labels. */
  labels: string | string[]
  scale: Scale
  target: ArrayTarget
}

/** The roles of one input and one target; without `input`, every other column is one. */
export function arraySelection({ input, labels, scale, shape, target }: Arrays): Selection {
  return {
    isSingle: true,
    inputs: [
      {
        path: ['data', 'features'],
        ...(input !== undefined && { columns: [input] }),
        exclude: input === undefined ? [labels].flat() : [],
        encoding: plainEncoding(scale),
        ...(shape && { shape }),
      },
    ],
    targets: [{ path: ['data', 'target'], columns: [labels].flat(), scale: 'none', ...ownTarget(target) }],
    missing: 'error',
    keys: [],
  }
}

export function plainEncoding(scale: Scale): ColumnEncoding {
  return { scale, oneHot: [], unseen: 'error', transforms: {}, then: {} }
}

export type ArrayTarget = z.infer<typeof arrayKeys.target>

/** The target that a section of arrays writes in place of its labels, or the positive class among these. */
export function ownTarget(target: ArrayTarget): Partial<TargetSelection> {
  if (target?.same_as !== undefined) return { columns: [], sameAs: target.same_as }
  const { positive, scale } = target ?? {}
  return {
    ...(positive !== undefined && { positive: String(positive) }),
    ...(scale !== undefined && { scale }),
  }
}

/** A section that names the positive class of its only output, where it named none. */
export function arraysWithPositives<S extends { target?: ArrayTarget }>(spec: S, positives: Positives): S {
  const [positive] = positives.values()
  return positive === undefined ? spec : { ...spec, target: { positive, ...spec.target } }
}
