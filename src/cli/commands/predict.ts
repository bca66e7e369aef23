import { command } from '../command.ts'
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
    json: { type: 'boolean', describe: 'Print one JSON document instead' },
    ...quietOption,
  },
  examples: [['nnlab predict runs/digits/001 new.csv --format jsonl', '']],
  run: async ({ format, json, ...options }, io) =>
    (await import('./bodies/predict.ts')).predict({ ...options, format: json ? 'json' : format }, io),
})
