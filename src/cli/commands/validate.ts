import { command } from '../command.ts'
import { configArgument, setOption } from '../options.ts'

export const validate = command({
  name: 'validate',
  usage: '[config]',
  summary: 'Report every problem in a config',
  options: {
    config: configArgument,
    ...setOption,
    format: {
      type: 'string',
      choices: ['text', 'json', 'github'],
      default: 'text',
      describe: 'Format of the diagnostics',
    },
    json: { type: 'boolean', describe: 'Short for --format json' },
  },
  examples: [['nnlab validate configs/*.yaml --format github', 'annotations for GitHub Actions']],
  run: async ({ config, set, format, json }, io) =>
    (await import('./bodies/validate.ts')).validate({ config, set, format: json ? 'json' : format }, io),
})
