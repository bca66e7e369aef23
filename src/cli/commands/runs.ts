import { command } from '../command.ts'
import { lines } from '../../report/text/terminal-text.ts'
import { environmentFor } from '../environment.ts'
import { ExitCode } from '../exit-code.ts'
import { reportOptions } from '../options.ts'

export const runs = command({
  name: 'runs',
  usage: '[folder]',
  summary: 'List runs with their metrics and the keys in which they differ',
  options: {
    folder: { type: 'string', default: 'runs', completes: 'folder', describe: 'Folder to search for runs' },
    filter: {
      type: 'strings',
      completes: 'key',
      defaultDescription: 'none',
      describe: 'Only runs whose key or metric meets a condition: = != < <= > >=',
    },
    sort: { type: 'string', describe: 'Sort by a metric, the best first; default: by path' },
    trials: { type: 'boolean', describe: 'List the trials of sweeps, the folds and the seeds instead' },
    ...reportOptions,
  },
  examples: [
    ['nnlab runs --sort test_accuracy', 'the best run first'],
    ['nnlab runs --format md', 'a table for a pull request'],
    ["nnlab runs --filter 'learning_rate<=0.01'", 'quotes keep < from the shell'],
  ],
  async run({ folder, format, json, ...options }, io) {
    const [{ listGroups, listRuns }, { renderRuns, runsJson }, { markdownTable, terminalTable }] =
      await Promise.all([
        import('../../core/list-runs.ts'),
        import('../../report/text/runs.ts'),
        import('../../report/text/table.ts'),
      ])
    const environment = { ...environmentFor(io), folder }
    const found = await listRuns({ ...environment, ...options })
    // Groups have neither keys nor metrics of one run.
    const isChosen = options.trials || options.filter.length > 0 || options.sort !== undefined
    const groups = isChosen ? [] : await listGroups(environment)
    const noun = options.filter.length > 0 ? 'such runs' : options.trials ? 'trials' : 'runs'
    const draw = format === 'md' ? markdownTable : terminalTable(io.stdout.width)
    if (json || format === 'json') io.stdout.writeJson(runsJson(found, groups, io.cwd))
    else if (found.length + groups.length === 0) io.stdout.write(lines([`no ${noun} in ${folder}`]))
    else io.stdout.write(renderRuns(found, groups, io.cwd, draw))
    return ExitCode.done
  },
})
