import { runName } from '../../run/run-name.ts'
import { isMissed } from '../../exchange/compare.ts'
import { command } from '../command.ts'
import { environmentFor } from '../environment.ts'
import { ExitCode } from '../exit-code.ts'
import { engineOptions, jsonOption, modelArgument, quietOption } from '../options.ts'

export const exportCommand = command({
  name: 'export',
  usage: '[model]',
  summary: 'Write a trained model for another program, and compare its predictions',
  options: {
    model: modelArgument,
    format: {
      type: 'string',
      choices: ['c', 'csv', 'keras', 'litert', 'onnx', 'safetensors', 'tfjs', 'web'],
      defaultDescription: 'by the ending of --output',
      describe: 'Format of the other program',
    },
    output: {
      type: 'string',
      alias: 'o',
      completes: 'file',
      defaultDescription: 'named after the model',
      describe: 'File to write, or folder where the format is one',
    },
    raw: {
      type: 'boolean',
      describe:
        'Take raw rows and predict what `nnlab predict` does, where the format supports it: keras, onnx; c and web always do',
    },
    quantize: {
      type: 'string',
      choices: ['int8'],
      defaultDescription: 'float32',
      describe: 'Type of the weights, where the format supports it: c, litert',
    },
    check: {
      type: 'boolean',
      describe: 'Exit with code 7 if the other program is not available for comparison',
    },
    ...engineOptions,
    ...jsonOption,
    ...quietOption,
  },
  examples: [
    ['nnlab export runs/digits/001 --format keras', 'writes digits.keras'],
    ['nnlab export digits.yaml -o model.onnx --check', ''],
    ['nnlab export runs/prices/001 -o prices.onnx --raw', 'takes raw rows'],
  ],
  async run({ check: required, json, quiet, ...options }, io) {
    const [{ exportModel }, { renderExport }] = await Promise.all([
      import('../../core/export-model.ts'),
      import('../../report/text/export.ts'),
    ])
    const exported = await exportModel({ ...environmentFor(io, { quiet }), ...options })
    if (json) io.stdout.writeJson({ ...exported, run: runName(exported.run, io.cwd) })
    else io.stdout.write(renderExport(exported, io.cwd))
    return isMissed(exported.check, required) ? ExitCode.missed : ExitCode.done
  },
})
