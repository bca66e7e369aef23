import * as z from 'zod'
import { Balance } from './data/balance.ts'
import { Features, InputFeatures, Scale } from './data/features.ts'
import { Missing } from './data/missing.ts'
import { ColumnName, rule } from './data/rule.ts'
import { ArraySplit, Split } from './data/split.ts'
import { Target } from './data/target.ts'
import { Window } from './data/window.ts'
import { inlineProblems } from './inline.ts'
import type { Issue, Value } from './inline.ts'

type RuleIssue = Issue & { params: Record<string, unknown> }

/** The keys shared by every source of named columns. */
const columnKeys = {
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
  balance: Balance.default('none'),
  split: Split.prefault({}),
}

/** The keys shared by every source of ready arrays. */
const arrayKeys = {
  features: z
    .strictObject({ scale: Scale.default('none') })
    .prefault({})
    .describe('How the inputs are encoded'),
  balance: Balance.default('none'),
  split: ArraySplit.prefault({}),
}

const Value: z.ZodType<Value> = z
  .union([z.number(), z.string(), z.array(z.lazy(() => Value))])
  .meta({ id: 'value' })
const Rows = z.array(Value).min(1)
const NamedRows = z.union([Rows, z.record(z.string(), Rows)])

const Inline = z
  .strictObject({
    type: z.literal('inline').describe('Rows written in the config itself'),
    inputs: NamedRows.describe(
      'The rows, as in [[0, 0], [0, 1]], or for several inputs a map from name to rows',
    ),
    targets: NamedRows.describe('The target of each row, or for several outputs a map from name to targets'),
    ...arrayKeys,
  })
  .superRefine((spec, context) => {
    for (const problem of inlineProblems(spec.inputs, spec.targets))
      context.addIssue({ code: 'custom', params: rule, ...problem })
  })

const Csv = z
  .strictObject({
    type: z.literal('csv').describe('Rows from a csv file'),
    path: z.string().min(1).describe("The file; a relative path starts from the config's folder"),
    delimiter: z
      .string()
      .length(1)
      .optional()
      .describe('The character between fields. Default: a tab for .tsv files, else a comma'),
    header: z.boolean().default(true).describe('Whether the first line holds the column names'),
    columns: z
      .array(ColumnName)
      .min(1)
      .optional()
      .describe('The column names of a file without a header. Default: column_1, column_2, ...'),
    ...columnKeys,
  })
  .superRefine((spec, context) => {
    if (spec.header && spec.columns) {
      context.addIssue({
        code: 'custom',
        path: ['columns'],
        params: { ...rule, code: 'columns', at: 'key' },
        message:
          'columns names the columns of a file without a header: set header: false, or leave columns out',
      })
    }
    for (const problem of columnProblems(spec)) context.addIssue({ code: 'custom', ...problem })
  })

const Jsonl = z
  .strictObject({
    type: z.literal('jsonl').describe('Rows from a file with one JSON object a line'),
    path: z.string().min(1).describe("The file; a relative path starts from the config's folder"),
    ...columnKeys,
  })
  .superRefine((spec, context) => {
    for (const problem of columnProblems(spec)) context.addIssue({ code: 'custom', ...problem })
  })

const Idx = z
  .strictObject({
    type: z.literal('idx').describe('Images and labels in the IDX format of MNIST, plain or .gz'),
    folder: z
      .string()
      .min(1)
      .optional()
      .describe(
        'A folder with train-images-idx3-ubyte, train-labels-idx1-ubyte and, for the test split, the t10k files',
      ),
    images: z.string().min(1).optional().describe('The file of images, instead of folder'),
    labels: z.string().min(1).optional().describe('The file of labels, instead of folder'),
    ...arrayKeys,
  })
  .superRefine((spec, context) => {
    const files = spec.images !== undefined && spec.labels !== undefined
    const some = spec.images !== undefined || spec.labels !== undefined
    if (spec.folder === undefined ? files : !some) return
    context.addIssue({
      code: 'custom',
      path: [],
      params: { ...rule, code: 'idx-files' },
      message: 'give either folder, or both images and labels',
    })
  })

export const DataSpec = z
  .discriminatedUnion('type', [Inline, Csv, Jsonl, Idx])
  .describe('Where the rows come from')
export type DataSpec = z.infer<typeof DataSpec>
export type InlineSpec = z.infer<typeof Inline>
export type CsvSpec = z.infer<typeof Csv>
export type JsonlSpec = z.infer<typeof Jsonl>
export type IdxSpec = z.infer<typeof Idx>

function columnProblems(spec: Pick<CsvSpec, 'target' | 'targets' | 'features' | 'inputs'>): RuleIssue[] {
  const problems: RuleIssue[] = []
  if (spec.target === undefined && spec.targets === undefined) {
    const hint = 'name it, as in `target: label`'
    const message = 'target is missing: the column that the model learns to predict'
    problems.push({ path: [], message, params: { ...rule, code: 'missing-target', hint } })
  }
  if (spec.target !== undefined && spec.targets !== undefined) {
    const hint = 'write target for one output, or targets for several'
    const message = 'target and targets exclude each other'
    problems.push({ path: ['targets'], message, params: { ...rule, code: 'targets', at: 'key', hint } })
  }
  const chosen = spec.features.columns ? 'columns' : spec.features.exclude ? 'exclude' : undefined
  if (spec.inputs && chosen) {
    const message = 'inputs already chooses the columns of each input'
    const params = { ...rule, code: 'columns', at: 'key', hint: 'remove one of the two' }
    problems.push({ path: ['features', chosen], message, params })
  }
  return problems
}
