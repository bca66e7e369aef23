import { command } from '../command.ts'
import { environmentFor } from '../environment.ts'
import { ExitCode } from '../exit-code.ts'
import { widthOf } from '../io.ts'
import { jsonOption } from '../options.ts'

export const runs = command({
  name: 'runs',
  usage: '[folder]',
  summary: 'List runs with their state and best epoch',
  options: {
    folder: { type: 'string', default: 'runs', completes: 'folder', describe: 'Folder to search for runs' },
    ...jsonOption,
  },
  examples: [],
  async run({ folder, json }, io) {
    const [{ listRuns }, { renderRuns, runsJson }] = await Promise.all([
      import('../../core/list-runs.ts'),
      import('../../report/text/runs.ts'),
    ])
    const found = await listRuns({ ...environmentFor(io), folder })
    if (json) io.stdout.write(`${JSON.stringify(runsJson(found, io.cwd))}\n`)
    else if (found.length === 0) io.stdout.write(`no runs in ${folder}\n`)
    else io.stdout.write(renderRuns(found, io.cwd, widthOf(io.stdout)))
    return ExitCode.done
  },
})
