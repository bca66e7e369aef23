import { command } from '../command.ts'
import { environmentFor } from '../environment.ts'
import { ExitCode } from '../exit-code.ts'
import { jsonOption, modelArgument, setOption } from '../options.ts'
import { runName } from '../../report/text/format.ts'

export const summary = command({
  name: 'summary',
  usage: '[model]',
  summary: 'Show the layers, shapes and parameters of a config or a trained model',
  options: {
    model: modelArgument,
    data: { type: 'boolean', describe: 'Read the data of the config for the sizes that follow from it' },
    ...setOption,
    ...jsonOption,
  },
  examples: [],
  async run({ json, ...options }, io) {
    const [{ summary: summarize }, { renderSummary }] = await Promise.all([
      import('../../core/summary.ts'),
      import('../../report/text/summary.ts'),
    ])
    const found = await summarize({ ...environmentFor(io), ...options })
    const named = found.run === undefined ? found : { ...found, run: runName(found.run, io.cwd) }
    if (json) io.stdout.writeJson(named)
    else io.stdout.write(renderSummary(found, io.stdout.width))
    return ExitCode.done
  },
})
