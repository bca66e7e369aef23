import { command } from '../command.ts'
import { environmentFor } from '../environment.ts'
import { ExitCode } from '../exit-code.ts'
import { jsonOption } from '../options.ts'

export const diff = command({
  name: 'diff',
  usage: '<a> <b> [more..]',
  summary: 'Compare the configs and metrics of runs',
  options: {
    a: { type: 'string', completes: 'run', describe: 'Run folder' },
    b: { type: 'string', completes: 'run', describe: 'Run folder to compare with' },
    more: {
      type: 'strings',
      completes: 'run',
      describe: 'More runs: the table then has a row for each key and a column for each run',
    },
    ...jsonOption,
  },
  examples: [
    ['nnlab diff runs/digits/001 runs/digits/002', ''],
    ['nnlab diff runs/digits/001 runs/digits/002 runs/digits/003', 'a table of three runs'],
  ],
  async run({ a, b, more, json }, io) {
    const [{ compareRuns }, { renderRunComparison, runComparisonJson }] = await Promise.all([
      import('../../core/compare-runs.ts'),
      import('../../report/text/runs.ts'),
    ])
    const runs = [a, b, ...more]
    const found = await compareRuns({ ...environmentFor(io), runs })
    if (json) io.stdout.writeJson(runComparisonJson(found, runs))
    else io.stdout.write(renderRunComparison(found, runs, io.stdout.width))
    return ExitCode.done
  },
})
