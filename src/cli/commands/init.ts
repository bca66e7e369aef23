import { DEFAULT_CONFIG } from '../../experiment/default-config.ts'
import { command } from '../command.ts'

export const init = command({
  name: 'init',
  usage: '[file]',
  summary: 'Write a config to start from',
  options: {
    file: { type: 'string', default: DEFAULT_CONFIG, completes: 'file', describe: 'Config file to write' },
    data: { type: 'string', completes: 'file', describe: 'Fit the config to the columns of this CSV file' },
    target: { type: 'string', describe: 'Column to predict; default: the last one' },
    force: { type: 'boolean', describe: 'Replace an existing file' },
  },
  examples: [
    ['nnlab init', 'a config that learns XOR'],
    ['nnlab init --data rows.csv --target price', 'a config for the columns of a table'],
  ],
  run: async (options, io) => (await import('./bodies/init.ts')).init(options, io),
})
