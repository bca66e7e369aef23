import * as z from 'zod'

import type { Rule } from '../../../rule.ts'
import { Augment } from './augment.ts'
import { Balance } from './balance.ts'
import { ColumnName } from './column-name.ts'
import { Features, InputFeatures } from './features.ts'
import { Missing } from './missing.ts'
import { Split } from './split.ts'
import { Target } from './target.ts'
import { Window } from './window.ts'

/** The keys shared by every source of named columns. */
export const columnKeys = {
  target: Target.optional(),
  targets: z
    .record(z.string(), Target)
    .optional()
    .describe('For a model with several outputs: the target of each, by name'),
  features: Features.prefault({}),
  inputs: z
    .record(z.string(), InputFeatures)
    .optional()
    .describe('For a model with several inputs: the columns of each, by name'),
  sample_weight: ColumnName.optional().describe('A column that weighs each row in the loss'),
  missing: Missing.default('error'),
  window: Window.optional(),
  augment: Augment.optional(),
  balance: Balance.default('none'),
  split: Split.prefault({}),
}

type Columns = z.infer<z.ZodObject<Pick<typeof columnKeys, 'target' | 'targets' | 'features' | 'inputs'>>>

const oneKindOfTarget: Rule<Pick<Columns, 'target' | 'targets'>> = {
  needs: ['target', 'targets'],
  check({ target, targets }, report) {
    if (target === undefined && targets === undefined) {
      const message = 'target is missing: the column that the model learns to predict'
      report([], message, { code: 'missing-target', hint: 'name it, as in `target: label`' })
    }
    if (target !== undefined && targets !== undefined) {
      const hint = 'write target for one output, or targets for several'
      report(['targets'], 'target and targets exclude each other', { code: 'targets', at: 'key', hint })
    }
  },
}

const columnsChosenOnce: Rule<Pick<Columns, 'features' | 'inputs'>> = {
  needs: ['features', 'inputs'],
  check({ features, inputs }, report) {
    const chosen = features.columns ? 'columns' : features.exclude ? 'exclude' : undefined
    if (!inputs || !chosen) return
    const message = 'inputs already chooses the columns of each input'
    report(['features', chosen], message, { code: 'columns', at: 'key', hint: 'remove one of the two' })
  },
}

/** The rules that every source of named columns keeps. */
export const columnRules = [oneKindOfTarget, columnsChosenOnce]
