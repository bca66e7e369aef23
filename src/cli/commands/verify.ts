import { command } from '../command.ts'
import { engineOptions, jsonOption, quietOption } from '../options.ts'

export const verify = command({
  name: 'verify',
  usage: '<run>',
  summary: 'Retrain a run and check that it reproduces bit for bit',
  options: {
    run: { type: 'string', completes: 'run', describe: 'Run folder' },
    ...engineOptions,
    ...jsonOption,
    ...quietOption,
  },
  examples: [['nnlab verify runs/digits/001', '']],
  run: async (options, io) => (await import('./bodies/verify.ts')).verify(options, io),
})
