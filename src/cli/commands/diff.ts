import { command } from '../command.ts'
import { environmentFor } from '../environment.ts'
import { ExitCode } from '../exit-code.ts'
import { jsonOption } from '../options.ts'

export const diff = command({
  name: 'diff',
  usage: '<a> <b>',
  summary: 'Compare the configs and metrics of two runs',
  options: {
    a: { type: 'string', completes: 'run', describe: 'Run folder' },
    b: { type: 'string', completes: 'run', describe: 'Run folder to compare with' },
    ...jsonOption,
  },
  examples: [['nnlab diff runs/digits/001 runs/digits/002', '']],
  async run({ a, b, json }, io) {
    const [{ compareRuns }, { renderRunComparison, runComparisonJson }] = await Promise.all([
      import('../../core/compare-runs.ts'),
      import('../../report/text/runs.ts'),
    ])
    const found = await compareRuns({ ...environmentFor(io), a, b })
    if (json) io.stdout.writeJson(runComparisonJson(found, [a, b]))
    else io.stdout.write(renderRunComparison(found, [a, b], io.stdout.width))
    return ExitCode.done
  },
})
