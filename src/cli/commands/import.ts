import { isMissed } from '../../exchange/compare.ts'
import { command } from '../command.ts'
import { environmentFor } from '../environment.ts'
import { ExitCode } from '../exit-code.ts'
import { jsonOption, quietOption } from '../options.ts'

export const importCommand = command({
  name: 'import',
  usage: '<file>',
  summary: 'Import a model from Keras, TensorFlow.js or ONNX: write its config and its weights',
  options: {
    file: {
      type: 'string',
      completes: 'file',
      describe: 'A .keras, .h5 or .onnx file, or a folder or a model.json of TensorFlow.js',
    },
    output: {
      type: 'string',
      alias: 'o',
      completes: 'file',
      defaultDescription: 'named after the file',
      describe: 'Config to write; the folder with the weights is named after it',
    },
    check: { type: 'boolean', describe: 'Exit with code 7 if nothing is available to compare with' },
    force: { type: 'boolean', describe: 'Replace existing files' },
    ...jsonOption,
    ...quietOption,
  },
  examples: [['nnlab import model.keras -o model.yaml', 'writes model.yaml and the folder model-model']],
  async run({ check: required, json, quiet, ...options }, io) {
    const [{ importModel }, { renderImport }] = await Promise.all([
      import('../../core/import-model.ts'),
      import('../../report/text/export.ts'),
    ])
    const imported = await importModel({ ...environmentFor(io, { quiet }), ...options })
    if (json) io.stdout.writeJson(imported)
    else io.stdout.write(renderImport(imported, io.cwd))
    return isMissed(imported.check, required) ? ExitCode.missed : ExitCode.done
  },
})
