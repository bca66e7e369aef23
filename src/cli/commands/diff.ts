import { command } from '../command.ts'
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
  run: async (options, io) => (await import('./bodies/diff.ts')).diff(options, io),
})
