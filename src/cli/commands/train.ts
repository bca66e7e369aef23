import { DEFAULT_CONFIG } from '../../experiment/default-config.ts'
import { command } from '../command.ts'
import { engineOptions, jsonOption, quietOption, setOption } from '../options.ts'

export const train = command({
  name: 'train',
  usage: '[config]',
  summary: 'Train the model of a config',
  options: {
    config: {
      type: 'string',
      completes: 'file',
      describe: `Config file; default: ${DEFAULT_CONFIG}, or the config of the run to resume`,
    },
    ...setOption,
    ...engineOptions,
    runDir: {
      type: 'string',
      completes: 'folder',
      describe: 'Run folder; default: the next number in runs/NAME',
    },
    resume: {
      type: 'string',
      valueOptional: true,
      conflicts: ['runDir', 'fold'],
      completes: 'run',
      describe: 'Resume a run, for more epochs too; default: the latest run of the config',
    },
    update: {
      type: 'boolean',
      describe: 'Resume the run in --run-dir if config and data are unchanged, else replace it',
    },
    fold: {
      type: 'string',
      describe: 'Validate on one of k folds, as in 2/5: short for --set data.split.fold=2/5',
    },
    deps: {
      type: 'boolean',
      describe: 'Print the files that the model depends on, as a rule for make; train nothing',
    },
    ...jsonOption,
    ...quietOption,
  },
  examples: [
    ['nnlab train digits.yaml --set fit.epochs=3', 'override a key'],
    ['nnlab train --resume runs/digits/001', 'continue an interrupted run'],
  ],
  async run({ fold, set, ...options }, io) {
    const overrides = fold === undefined ? set : [...set, `data.split.fold=${fold}`]
    return (await import('./bodies/train.ts')).train({ ...options, set: overrides }, io)
  },
})
