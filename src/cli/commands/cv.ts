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

export const cv = command({
  name: 'cv',
  usage: '[config]',
  summary: 'k-fold cross-validation: mean and spread of every metric',
  options: {
    config: {
      type: 'string',
      completes: 'config',
      describe: `Config file; default: ${DEFAULT_CONFIG}, or that of the cross-validation to resume`,
    },
    ...setOption,
    ...engineOptions,
    folds: {
      type: 'number',
      defaultDescription: '5',
      describe: 'Number of folds; each is the validation split of one run',
    },
    ...jobsOption,
    ...elsewhereOptions,
    resume: {
      type: 'string',
      valueOptional: true,
      completes: 'folder',
      describe: 'Resume an interrupted cross-validation; default: the latest of the config',
    },
    ...jsonOption,
    ...quietOption,
  },
  examples: [
    ['nnlab cv digits.yaml --folds 10', ''],
    ['nnlab cv --resume runs/digits/cv-001', 'train the folds that are not complete'],
    ['nnlab cv digits.yaml --on slurm --slurm partition=debug,time=60', ''],
  ],
  async run({ json, quiet, jobs, on, slurm, resume, folds, ...options }, io) {
    const [{ crossValidate }, { trainRepeatedly }, report] = await Promise.all([
      import('../../core/repeat-training.ts'),
      import('../repeated-training.ts'),
      import('../../report/text/repetition.ts'),
    ])
    return trainRepeatedly(
      (given) => crossValidate({ ...given, ...options, folds, resume: resume === '' ? true : resume }),
      {
        json,
        quiet,
        jobs,
        on,
        slurm,
        resumeCommand: 'nnlab cv --resume',
        render: report.renderCrossValidation,
      },
      io,
    )
  },
})
