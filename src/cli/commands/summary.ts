import { command } from '../command.ts'
import { environmentFor } from '../environment.ts'
import { ExitCode } from '../exit-code.ts'
import { jsonFormatOption, modelArgument, outputOption, setOption } from '../options.ts'
import { formatOf, outputFile, writeWithNote } from '../output-file.ts'
import { runName } from '../../run/run-name.ts'

const FORMATS = ['text', 'json', 'svg', 'dot', 'mermaid'] as const

export const summary = command({
  name: 'summary',
  usage: '[model]',
  summary: 'Show the layers, shapes and parameters of a config or a trained model',
  options: {
    model: modelArgument,
    data: { type: 'boolean', describe: 'Read the data of the config for the sizes that follow from it' },
    ...setOption,
    ...outputOption,
    format: {
      type: 'string',
      choices: FORMATS,
      describe:
        'A table, one JSON document, or the graph of the layers as a picture, for Graphviz, or for Markdown; default: by the ending of --output, else text',
    },
    ...jsonFormatOption,
  },
  examples: [['nnlab summary -o model.svg', 'a picture of the layers']],
  async run({ json, format, output: named, ...options }, io) {
    const output = outputFile(named)
    const shape = json ? 'json' : formatOf(FORMATS, format, output)
    const { summary: summarize } = await import('../../core/summary.ts')
    const found = await summarize({ ...environmentFor(io), ...options })
    const shown = found.run === undefined ? found : { ...found, run: runName(found.run, io.cwd) }
    if (shape === 'text' && output === undefined) {
      const { renderSummary } = await import('../../report/text/summary.ts')
      io.stdout.write(renderSummary(found, io.stdout.width))
    } else {
      const { summaryFile } = await import('../../report/summary-file.ts')
      const config = { path: options.model, set: options.set }
      return writeWithNote(summaryFile(shown, shape), output, io, { files: [options.model], config })
    }
    return ExitCode.done
  },
})
