import * as z from 'zod'

import { Augment } from './augment.ts'
import { Balance } from './balance.ts'
import { Features, InputFeatures } from './features.ts'
import { Missing } from './missing.ts'
import { ColumnName, rule } from './rule.ts'
import type { Context } from './rule.ts'
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

/** The rules that every source of named columns keeps. */
export function checkColumns(spec: Columns, context: Context): void {
  const report = (path: string[], message: string, params: object): void =>
    context.addIssue({ code: 'custom', path, message, params: { ...rule, ...params } })
  if (spec.target === undefined && spec.targets === undefined) {
    const hint = 'name it, as in `target: label`'
    const message = 'target is missing: the column that the model learns to predict'
    report([], message, { code: 'missing-target', about: ['target', 'targets'], hint })
  }
  if (spec.target !== undefined && spec.targets !== undefined) {
    const hint = 'write target for one output, or targets for several'
    report(['targets'], 'target and targets exclude each other', { code: 'targets', at: 'key', hint })
  }
  const chosen = spec.features.columns ? 'columns' : spec.features.exclude ? 'exclude' : undefined
  if (spec.inputs && chosen) {
    const params = { code: 'columns', at: 'key', hint: 'remove one of the two' }
    report(['features', chosen], 'inputs already chooses the columns of each input', params)
  }
}
