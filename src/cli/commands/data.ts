import { command } from '../command.ts'
import { configArgument, jsonOption, setOption } from '../options.ts'

export const data = command({
  name: 'data',
  usage: '[config]',
  summary: 'Show the rows as training will see them, and likely mistakes in them',
  options: { config: configArgument, ...setOption, ...jsonOption },
  examples: [],
  run: async (options, io) => (await import('./bodies/data.ts')).data(options, io),
})
