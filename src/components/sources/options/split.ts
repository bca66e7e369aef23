import * as z from 'zod'

import { withRules } from '../../../rule.ts'
import type { Rule } from '../../../rule.ts'
import { ColumnName } from './rows.ts'

const keys = {
  validation: z.number().min(0).lt(1).default(0).describe('The fraction of rows kept for validation'),
  test: z.number().min(0).lt(1).default(0).describe('The fraction of rows kept for the final test'),
  fold: z
    .string()
    .regex(/^[1-9]\d*\/[1-9]\d*$/, 'expected a fold such as 2/5')
    .optional()
    .describe(
      'The validation split is one of k folds, as in 2/5, of the rows that are not kept for the test. `nnlab cv` trains once for each fold',
    ),
  stratify: z
    .boolean()
    .default(false)
    .describe('Keep the proportions of the classes the same in every split'),
  shuffle: z
    .boolean()
    .default(true)
    .describe(
      'Choose rows at random, unless `time` or `column` says how; otherwise the last rows are the test split',
    ),
  seed: z.int().nonnegative().optional().describe("Seed of the random choice. Default: the file's seed"),
}

const columnKeys = {
  stratify: keys.stratify.describe(
    'Keep the proportions of the classes the same in every split; with `group`, as nearly as whole groups allow',
  ),
  column: ColumnName.optional().describe(
    'A column that says which split each row belongs to: train, validation or test',
  ),
  group: ColumnName.optional().describe(
    'A column whose equal values stay together in one split, such as the patient of several pictures; with `stratify`, in the one where they keep the proportions of the classes best',
  ),
  time: ColumnName.optional().describe(
    'A column of numbers or dates by which rows are ordered: the latest are the test split, those before them the validation split',
  ),
}

const leavesTraining: Rule<{ validation: number; test: number }> = {
  needs: ['validation', 'test'],
  check({ validation, test }, report) {
    if (validation + test < 1) return
    const message = 'validation and test together must leave rows for training: less than 1'
    report(['test'], message, { code: 'split' })
  },
}

const oneOfItsFolds: Rule<{ fold?: string | undefined }> = {
  needs: ['fold'],
  check({ fold }, report) {
    if (fold === undefined) return
    const { index, count } = foldOf(fold)
    if (count >= 2 && index < count) return
    const hint = 'write which of how many, as in 2/5: at least two folds'
    report(['fold'], `there is no fold ${fold}`, { code: 'split', hint })
  },
}

/** The division of the rows of ready arrays. */
export const ArraySplit = withRules(z.strictObject(keys), leavesTraining, oneOfItsFolds).describe(
  'How rows are divided into training, validation and test',
)

const ColumnSplit = z.strictObject({ ...keys, ...columnKeys })

const oneWayToSplit: Rule<z.infer<typeof ColumnSplit>> = {
  needs: ['column', 'group', 'time', 'stratify', 'fold', 'validation', 'test'],
  check({ column, group, time, stratify, fold, validation, test }, report) {
    const clash = (key: string, other: string): void => {
      const hint = 'remove one of the two'
      report([key], `${key} and ${other} cannot be used together`, { code: 'split', at: 'key', hint })
    }
    const others = { group, time, stratify: stratify || undefined, fold, validation: validation || undefined }
    if (column !== undefined) {
      for (const [key, value] of Object.entries({ ...others, test: test || undefined })) {
        if (value !== undefined) clash(key, 'column')
      }
    } else if (time !== undefined) {
      if (group !== undefined) clash('group', 'time')
      if (stratify) clash('stratify', 'time')
    }
  },
}

/** The division of the rows of named columns. */
export const Split = withRules(ColumnSplit, leavesTraining, oneOfItsFolds, oneWayToSplit).describe(
  'How rows are divided into training, validation and test',
)
export type Split = z.infer<typeof Split>

/** `2/5` as the second of five, counted from 0. */
export function foldOf(fold: string): { index: number; count: number } {
  const [position = 1, count = 1] = fold.split('/').map(Number)
  return { index: position - 1, count }
}
