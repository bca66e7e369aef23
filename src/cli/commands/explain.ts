import { command } from '../command.ts'
import { jsonOption } from '../options.ts'

export const explain = command({
  name: 'explain',
  usage: '[key..]',
  summary: 'Explain a key of the config or a component',
  options: {
    key: {
      type: 'strings',
      completes: 'component',
      defaultDescription: 'the sections',
      describe: 'Path of a key, or name of a component',
    },
    ir: {
      type: 'string',
      completes: 'file',
      describe: 'Print the tensor operations of a training step of this config instead',
    },
    ...jsonOption,
  },
  examples: [
    ['nnlab explain fit.batch_size', 'a key'],
    ['nnlab explain lstm', 'a component'],
  ],
  run: async ({ key, ir, json }, io) =>
    (await import('./bodies/explain.ts')).explain({ key: key.join(' '), ir, json }, io),
})
