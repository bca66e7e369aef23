// Arguments and options that several commands take.

import { DEFAULT_CONFIG } from '../experiment/default-config.ts'

export const configArgument = {
  type: 'string',
  default: DEFAULT_CONFIG,
  completes: 'config',
  describe: 'Config file',
} as const

const model = {
  type: 'string',
  completes: 'model',
  describe: 'Run folder, model.json, or a config, whose last plain run is used',
} as const
export const modelArgument = { ...model, default: DEFAULT_CONFIG } as const
export const requiredModelArgument = model

export const setOption = {
  set: {
    type: 'strings',
    completes: 'key',
    defaultDescription: 'none',
    describe: 'Override a key of the config, as in --set fit.epochs=3',
  },
} as const

export const engineOptions = {
  engine: {
    type: 'string',
    choices: ['auto', 'compiled', 'tfjs'],
    describe: 'Engine that executes the model; default: fit.engine of the config',
  },
  backend: {
    type: 'string',
    choices: ['tensorflow', 'wasm', 'cpu'],
    describe: 'Backend of the tfjs engine; default: the fastest available',
  },
} as const

export const jobsOption = {
  jobs: {
    type: 'number',
    alias: 'j',
    default: 0,
    defaultDescription: 'two for each core',
    describe: 'Number of runs that are trained at once; the results do not depend on it',
  },
} as const

/** Places for the trials of a command, other than its own process. */
export const elsewhereOptions = {
  on: {
    type: 'string',
    choices: ['slurm', 'workers'],
    describe:
      'Train elsewhere and follow the results: in a Slurm array, or with workers that are started by hand',
  },
  slurm: {
    type: 'string',
    describe: 'Options of sbatch, as in partition=debug,time=60,mem=4G; each worker is a task',
  },
} as const

export const fromOption = {
  from: {
    type: 'string',
    completes: 'source',
    describe:
      'Format of the rows, such as csv or parquet; default: by the names of the files, csv for standard input',
  },
} as const

export const jsonOption = { json: { type: 'boolean', describe: 'Print one JSON document' } } as const
/** For commands with an option `format`. */
export const jsonFormatOption = {
  json: { type: 'boolean', describe: 'Print one JSON document: short for --format json' },
} as const

export const thresholdOption = {
  threshold: {
    type: 'number',
    default: 0.5,
    describe: 'Probability above which the positive class is predicted, where the output has one unit',
  },
} as const

/** The shape of a report. */
export const reportOptions = {
  format: {
    type: 'string',
    choices: ['text', 'md', 'json'],
    default: 'text',
    describe: 'Text for a terminal, Markdown for a pull request, or one JSON document',
  },
  ...jsonFormatOption,
} as const
export const quietOption = { quiet: { type: 'boolean', describe: 'Show no progress' } } as const

/** Options that every command takes. */
export const globalOptions = {
  dataDir: {
    type: 'string',
    completes: 'folder',
    describe:
      'Folder of the known data sets; default: that of the run, else $NNLAB_DATA_DIR, else the cache folder',
  },
} as const

/** The file that a result goes to. */
export const outputOption = {
  output: {
    type: 'string',
    alias: 'o',
    completes: 'file',
    describe: 'File to write, whole or not at all; default: standard output',
  },
} as const
