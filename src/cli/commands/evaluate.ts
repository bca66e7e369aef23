import { runName } from '../../run/run-name.ts'
import { bold, lines, red, text } from '../../report/text/terminal-text.ts'
import { command } from '../command.ts'
import { environmentFor } from '../environment.ts'
import { ExitCode } from '../exit-code.ts'
import { minimumOf, missed } from '../minimum.ts'
import { predictionWriter } from '../prediction-writer.ts'
import { engineOptions, fromOption, modelArgument, quietOption, reportOptions } from '../options.ts'

export const evaluate = command({
  name: 'evaluate',
  usage: '[model]',
  summary: 'Evaluate a trained model on its test rows or on a file',
  options: {
    model: modelArgument,
    ...engineOptions,
    data: {
      type: 'string',
      conflicts: ['split'],
      completes: 'file',
      describe: 'Rows with targets: a file, a folder or a pattern; - is standard input',
    },
    ...fromOption,
    labels: {
      type: 'string',
      completes: 'file',
      describe: 'File of labels, where --data is an IDX file of images',
    },
    split: {
      type: 'string',
      choices: ['train', 'validation', 'test'],
      describe: "Split of the config's own data; default: test, else validation, else train",
    },
    min: {
      type: 'strings',
      defaultDescription: 'none',
      describe: 'Minimum value of a metric, as in --min accuracy=0.9; exit code 7 if it is missed',
    },
    thresholds: {
      type: 'boolean',
      describe: 'For two classes, show precision, recall and the false positive rate at each threshold',
    },
    explain: {
      type: 'boolean',
      describe:
        'Also show confidence intervals, the best thresholds, calibration, the importance of each column, and the rows that the model is most wrong about',
    },
    predictions: {
      type: 'string',
      completes: 'file',
      describe: 'Write the prediction of each row beside its target to this .csv or .jsonl file',
    },
    ...reportOptions,
    ...quietOption,
  },
  examples: [
    ['nnlab evaluate runs/digits/001', 'the test rows of the run'],
    ['nnlab evaluate digits.yaml --explain', 'why, and where it fails'],
    ['nnlab evaluate digits.yaml --predictions test.csv', 'each test row with its target and prediction'],
    ['nnlab evaluate digits.yaml --data new.csv', 'other rows, on the last run'],
  ],
  async run({ min, format, json, thresholds, predictions, quiet, ...options }, io) {
    const minimums = min.map(minimumOf)
    const write = predictions === undefined ? undefined : predictionWriter(predictions, io)
    const [{ evaluate: measure, evaluatedPredictions }, { evaluationJson, renderEvaluation }] =
      await Promise.all([import('../../core/evaluate.ts'), import('../../report/text/evaluation.ts')])
    const wanted = { ...environmentFor(io, { quiet }), ...options }
    const evaluation = await measure(wanted)
    const code = await write?.(evaluatedPredictions(wanted), {
      files: [options.model],
      rows: [options.data, options.labels],
      models: wanted.models,
    })
    if (code) return code
    if (json || format === 'json') {
      const document = evaluationJson(evaluation, { thresholds })
      io.stdout.writeJson({ run: runName(evaluation.run, io.cwd), ...document })
    } else {
      const shape = format === 'md' ? format : { width: io.stdout.width }
      io.stdout.write(renderEvaluation(evaluation.on, evaluation, { format: shape, thresholds }))
    }
    const lacking = missed(minimums, evaluation.metrics)
    io.stderr.write(lines(lacking.map((what) => text`${bold(red('missed'))}: ${what}`)))
    return lacking.length > 0 ? ExitCode.missed : ExitCode.done
  },
})
