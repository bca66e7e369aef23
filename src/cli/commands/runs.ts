import { command } from '../command.ts'
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
  run: async (options, io) => (await import('./bodies/runs.ts')).runs(options, io),
})
