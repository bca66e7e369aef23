import { UsageError } from '../../errors.ts'
import { DEFAULT_CONFIG } from '../../experiment/default-config.ts'
import { command } from '../command.ts'
import {
  elsewhereOptions,
  engineOptions,
  jobsOption,
  jsonOption,
  quietOption,
  setOption,
} from '../options.ts'
import { printDependencies } from '../print-dependencies.ts'
import { trainOnce } from '../train-once.ts'
import { ranksOf, trainOnRanks } from '../train-ranks.ts'
import { holdsSeeds, trainSeeds } from '../train-seeds.ts'

export const train = command({
  name: 'train',
  usage: '[config]',
  summary: 'Train the model of a config',
  options: {
    config: {
      type: 'string',
      completes: 'config',
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
    fork: {
      type: 'string',
      conflicts: ['resume'],
      completes: 'run',
      describe:
        'Start a new run from the last checkpoint of another, or from the one that is named, with any changes that fit its weights',
    },
    update: {
      type: 'boolean',
      describe: 'Resume the run in --run-dir if config and data are unchanged, else replace it',
    },
    fold: {
      type: 'string',
      describe: 'Validate on one of k folds, as in 2/5: short for --set data.split.fold=2/5',
    },
    seeds: {
      type: 'number',
      conflicts: ['runDir', 'fork', 'update', 'deps'],
      describe: 'Number of seeds to train with, from that of the config on: mean and spread of every metric',
    },
    ...jobsOption,
    ...elsewhereOptions,
    diagnose: {
      type: 'boolean',
      conflicts: ['seeds', 'deps'],
      describe:
        'Name dead units, saturation and vanishing or exploding gradients: short for the callback diagnose',
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
    ['nnlab train digits.yaml --seeds 10', 'mean and spread over ten seeds'],
    ['nnlab train --resume runs/digits/001', 'continue an interrupted run'],
    [
      'nnlab train --fork runs/digits/001 --set compile.optimizer.learning_rate=1e-4',
      'a new run from its last checkpoint',
    ],
  ],
  async run({ fold, deps, json, quiet, seeds, jobs, on, slurm, resume, ...given }, io) {
    const set = fold === undefined ? given.set : [...given.set, `data.split.fold=${fold}`]
    const options = { ...given, set, resume: resume === '' ? (true as const) : resume }
    if (deps) return printDependencies(options, io)
    const hasSeeds = seeds !== undefined || (await holdsSeeds(resume, io))
    const ranks = await ranksOf(io, hasSeeds)
    if (hasSeeds) return trainSeeds({ ...options, seeds }, { json, quiet, jobs, on, slurm }, io)
    if (on !== undefined)
      throw new UsageError('one training has no trials that others could train', {
        option: 'on',
        hint: 'add --seeds, or name the folder of a training with several seeds: --resume runs/NAME/seeds-001',
      })
    if (ranks)
      return trainOnRanks(ranks, options, () => trainOnce({ ...options, ranks }, { json, quiet }, io), io)
    return trainOnce(options, { json, quiet }, io)
  },
})
