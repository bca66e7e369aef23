import { command } from '../command.ts'
import { configArgument, engineOptions, jsonOption, quietOption, setOption } from '../options.ts'

export const cv = command({
  name: 'cv',
  usage: '[config]',
  summary: 'k-fold cross-validation: mean and spread of every metric',
  options: {
    config: configArgument,
    ...setOption,
    ...engineOptions,
    folds: {
      type: 'number',
      default: 5,
      describe: 'Number of folds; each is the validation split of one run',
    },
    ...jsonOption,
    ...quietOption,
  },
  examples: [['nnlab cv digits.yaml --folds 10', '']],
  run: async (options, io) => (await import('./bodies/cv.ts')).cv(options, io),
})
