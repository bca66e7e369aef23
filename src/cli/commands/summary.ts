import { command } from '../command.ts'
import { jsonOption, modelArgument, setOption } from '../options.ts'

export const summary = command({
  name: 'summary',
  usage: '[model]',
  summary: 'Show the layers, shapes and parameters of a config or a trained model',
  options: { model: modelArgument, ...setOption, ...jsonOption },
  examples: [],
  run: async (options, io) => (await import('./bodies/summary.ts')).summary(options, io),
})
