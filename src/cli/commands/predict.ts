import { UsageError } from '../../errors.ts'
import { command } from '../command.ts'
import { environmentFor } from '../environment.ts'
import { ExitCode } from '../exit-code.ts'
import { engineOptions, fromOption, quietOption, requiredModelArgument } from '../options.ts'

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
    format: {
      type: 'string',
      choices: ['csv', 'jsonl'],
      default: 'csv',
      describe: 'Format of the predictions',
    },
    digits: {
      type: 'string',
      default: '7',
      describe: 'Significant digits of numbers; full: unrounded, as many as read back as the same number',
    },
    escapeFormulas: {
      type: 'boolean',
      describe: 'In csv, put an apostrophe before labels that a spreadsheet takes for formulas',
    },
    json: { type: 'boolean', describe: 'Print one JSON document instead' },
    ...quietOption,
  },
  examples: [['nnlab predict runs/digits/001 new.csv --format jsonl', '']],
  async run({ format, digits: written, escapeFormulas, json, quiet, ...options }, io) {
    const digits = digitsOf(written)
    const [{ predictBatches }, { PredictionWriter }] = await Promise.all([
      import('../../core/predict.ts'),
      import('../../report/text/predictions.ts'),
    ])
    const writer = new PredictionWriter({ format: json ? 'json' : format, digits, escapeFormulas }, (text) =>
      io.stdout.writeData(text),
    )
    for await (const batch of predictBatches({ ...environmentFor(io, { quiet }), ...options })) {
      writer.write(batch.outputs, batch.sourceRow, batch.unseen)
    }
    writer.end()
    return ExitCode.done
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
