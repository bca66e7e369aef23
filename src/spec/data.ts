import * as z from 'zod'
import { inlineProblems } from './inline.ts'
import type { Issue, Value } from './inline.ts'

/** Marks the issue of a rule across keys, which says something only where the keys themselves are right. */
const rule = { rule: true, code: 'rows' }

type RuleIssue = Issue & { params: Record<string, unknown> }

const ColumnName = z.string().min(1)

const Scale = z
  .union([
    z.enum(['none', 'standard', 'min_max']),
    z.strictObject({ divide: z.number().positive().describe('The divisor') }),
  ])
  .describe(
    'How numbers are scaled: standard (mean 0, deviation 1), min_max (0 to 1), {divide: 255}, or none. Fitted on the training split only',
  )
export type Scale = z.infer<typeof Scale>

const OneHot = z
  .array(ColumnName)
  .describe(
    'Columns of numbers that stand for categories. Text columns are one-hot encoded without being named',
  )

const Features = z
  .strictObject({
    columns: z
      .array(ColumnName)
      .min(1)
      .optional()
      .describe('The feature columns, in order. Default: every other column'),
    exclude: z.array(ColumnName).optional().describe('Columns to leave out'),
    scale: Scale.default('none'),
    one_hot: OneHot.optional(),
  })
  .describe('Which columns are features and how they are encoded')

const InputFeatures = z
  .union([
    ColumnName,
    z.array(ColumnName).min(1),
    z.strictObject({
      columns: z.array(ColumnName).min(1).describe('The columns of this input, in order'),
      scale: Scale.optional(),
      one_hot: OneHot.optional(),
    }),
  ])
  .describe('The columns of one input: a name, a list of names, or {columns, scale, one_hot}')

const TargetColumns = z.union([ColumnName, z.array(ColumnName).min(1)])

const Target = z
  .union([
    ColumnName,
    z.array(ColumnName).min(1),
    z.strictObject({
      column: TargetColumns.describe('The target column, or a list of them'),
      scale: Scale.optional().describe('Scales a numeric target for training; predictions are scaled back'),
      classes: z
        .array(z.union([z.string(), z.number()]))
        .min(2)
        .optional()
        .describe('The labels in class order. Default: sorted texts, or the integers from 0.'),
    }),
  ])
  .describe('What the model learns to predict: a column, a list of columns, or {column, scale, classes}')
export type Target = z.infer<typeof Target>

const Split = z
  .strictObject({
    validation: z.number().min(0).lt(1).default(0).describe('The fraction of rows kept for validation'),
    test: z.number().min(0).lt(1).default(0).describe('The fraction of rows kept for the final test'),
    stratify: z
      .boolean()
      .default(false)
      .describe('Keep the proportions of the classes the same in every split'),
    shuffle: z
      .boolean()
      .default(true)
      .describe('Choose rows at random; otherwise the last rows are the test split'),
    seed: z.int().nonnegative().optional().describe("Seed of the random choice. Default: the file's seed"),
  })
  .refine((split) => split.validation + split.test < 1, {
    path: ['test'],
    params: { ...rule, code: 'split' },
    message: 'validation and test together must leave rows for training: less than 1',
  })
  .describe('How rows are divided into training, validation and test')
export type Split = z.infer<typeof Split>

const Missing = z
  .union([
    z.enum(['error', 'drop', 'mean']),
    z.strictObject({ constant: z.number().describe('The number to put in') }),
  ])
  .describe(
    'What to do about missing values: error, drop the row, the mean of the training split, or {constant: 0}. With mean and constant, a missing text is no category: all zeros',
  )
export type Missing = z.infer<typeof Missing>

const split = Split.prefault({})

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
  split,
}

/** The keys shared by every source of ready arrays. */
const arrayKeys = {
  features: z
    .strictObject({ scale: Scale.default('none') })
    .prefault({})
    .describe('How the inputs are encoded'),
  split,
}

const Value: z.ZodType<Value> = z.union([z.number(), z.string(), z.array(z.lazy(() => Value))])
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
