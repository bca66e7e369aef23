import { lines } from '../../report/text/terminal-text.ts'
import { command } from '../command.ts'
import { environmentFor } from '../environment.ts'
import { ExitCode } from '../exit-code.ts'
import { configArgument, engineOptions, jsonFormatOption, quietOption, setOption } from '../options.ts'
import { formatOf, outputFile, writeWithNote } from '../output-file.ts'

const FORMATS = ['text', 'svg', 'json'] as const

export const lrFind = command({
  name: 'lr-find',
  usage: '[config]',
  summary: 'Find a learning rate: train a few steps at increasing rates',
  options: {
    config: configArgument,
    ...setOption,
    ...engineOptions,
    from: { type: 'number', default: 1e-6, describe: 'First learning rate' },
    to: { type: 'number', default: 10, describe: 'Last learning rate' },
    steps: { type: 'number', default: 100, describe: 'Batches to train on, one for each learning rate' },
    write: {
      type: 'boolean',
      describe: 'Write the suggested learning rate into the config; comments are kept',
    },
    output: {
      type: 'string',
      alias: 'o',
      completes: 'file',
      describe: 'File for the curve, whole or not at all; default: standard output',
    },
    format: {
      type: 'string',
      choices: FORMATS,
      describe:
        'A curve in characters, a picture, or one JSON document; default: by the ending of --output, else text',
    },
    ...jsonFormatOption,
    ...quietOption,
  },
  examples: [
    ['nnlab lr-find digits.yaml --write', 'tests learning rates and writes the best into the config'],
    ['nnlab lr-find digits.yaml -o curve.svg', ''],
  ],
  async run({ output: named, format, json, quiet, ...options }, io) {
    const output = outputFile(named)
    const shape = json ? 'json' : formatOf(FORMATS, format, output)
    const [{ findLearningRate }, { ratesFile, renderRates }] = await Promise.all([
      import('../../core/find-learning-rate.ts'),
      import('../../report/learning-rate.ts'),
    ])
    const found = await findLearningRate({ ...environmentFor(io, { quiet }), ...options })
    if (shape === 'text' && output === undefined) io.stdout.write(renderRates(found, io.stdout.width))
    else {
      const config = { path: options.config, set: options.set }
      const code = await writeWithNote(ratesFile(found, shape), output, io, { config, quiet })
      if (code !== ExitCode.done) return code
    }
    if (options.write && !quiet)
      io.stderr.write(lines([`wrote learning_rate: ${found.suggested} into ${options.config}`]))
    return ExitCode.done
  },
})
