import { UsageError } from '../../errors.ts'
import { command } from '../command.ts'
import { environmentFor } from '../environment.ts'
import {
  engineOptions,
  fromOption,
  jsonFormatOption,
  outputOption,
  quietOption,
  requiredModelArgument,
  thresholdOption,
} from '../options.ts'
import { formatOf, outputFile, writeWithNote } from '../output-file.ts'

const FORMATS = ['csv', 'jsonl', 'json'] as const

export const predict = command({
  name: 'predict',
  usage: '<model> [rows]',
  summary: 'Predict labels or values for new rows',
  options: {
    model: requiredModelArgument,
    rows: {
      type: 'string',
      alias: 'data',
      default: '-',
      completes: 'file',
      describe: 'File of rows, a folder or a pattern; - is standard input',
    },
    ...engineOptions,
    ...fromOption,
    ...outputOption,
    format: {
      type: 'string',
      choices: FORMATS,
      describe: 'Format of the predictions; default: by the ending of --output, else csv',
    },
    keep: {
      type: 'strings',
      defaultDescription: 'none',
      describe: 'Columns of the rows to write beside the predictions, as in --keep id,name',
    },
    backtest: {
      type: 'boolean',
      describe:
        'Predict every window of a time series that has a target, beside its true values, at the row of its target; default: what follows the last window',
    },
    ...thresholdOption,
    outputLayer: {
      type: 'string',
      describe: 'Layer whose outputs are written in place of the predictions, such as those of an encoder',
    },
    digits: {
      type: 'string',
      default: '7',
      describe: 'Significant digits of numbers; full: unrounded, as many as read back as the same number',
    },
    escapeFormulas: {
      type: 'boolean',
      describe: 'In csv, put an apostrophe before labels that a spreadsheet would take for formulas',
    },
    ...jsonFormatOption,
    ...quietOption,
  },
  examples: [
    ['nnlab predict runs/digits/001 new.csv -o predictions.csv --keep id', ''],
    ['nnlab predict digits.yaml new.csv --format jsonl', 'with the last run of the config'],
    ['nnlab predict runs/digits/001 new.csv --output-layer dense', 'with the columns dense_0, dense_1 ...'],
  ],
  async run({ format, output: named, keep, threshold, digits, escapeFormulas, json, quiet, ...options }, io) {
    const output = outputFile(named)
    const style = {
      format: json ? 'json' : formatOf(FORMATS, format, output),
      digits: digitsOf(digits),
      escapeFormulas,
      cwd: io.cwd,
    } as const
    const [{ predictBatches }, { predictionText }] = await Promise.all([
      import('../../core/predict.ts'),
      import('../../report/text/predictions.ts'),
    ])
    const environment = environmentFor(io, { quiet })
    const batches = predictBatches({
      ...environment,
      ...options,
      keep: keep.flatMap((names) => names.split(',')),
      threshold: threshold === 0.5 ? undefined : threshold,
    })
    return writeWithNote(predictionText(batches, style), output, io, {
      files: [options.model],
      rows: [options.rows],
      models: environment.models,
      quiet,
    })
  },
})

/** The most significant digits of a double. */
const MOST_DIGITS = 17

/** Reads `5` or `full`. */
function digitsOf(text: string): number | 'full' {
  if (text === 'full') return text
  const digits = /^\d{1,2}$/.test(text) ? Number(text) : NaN
  if (digits >= 1 && digits <= MOST_DIGITS) return digits
  throw new UsageError(`--digits must be a number from 1 to ${MOST_DIGITS} or full, got "${text}"`)
}
