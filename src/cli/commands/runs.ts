import { command } from '../command.ts'
import { lines } from '../../report/text/terminal-text.ts'
import { environmentFor } from '../environment.ts'
import { ExitCode } from '../exit-code.ts'
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
    if (json) io.stdout.writeJson(runsJson(found, io.cwd))
    else if (found.length === 0) io.stdout.write(lines([`no runs in ${folder}`]))
    else io.stdout.write(renderRuns(found, io.cwd, io.stdout.width))
    return ExitCode.done
  },
})
