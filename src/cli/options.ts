// Arguments and options that several commands take.

import type { Argv } from 'yargs'

import { rowsFormats } from '../data/prepare/rows-format.ts'
import { DEFAULT_CONFIG } from '../experiment/default-config.ts'

export const MODEL = `A run folder, a model.json, or a config, whose last run is used; default: ${DEFAULT_CONFIG}`

export const CONFIG = `The config file; default: ${DEFAULT_CONFIG}, or with --resume RUN the config of that run`

export const jsonOption = { type: 'boolean', default: false, describe: 'Print one JSON document' } as const
export const fromOption = {
  choices: rowsFormats,
  describe: 'How the rows are written; default: by the names of the files, csv for standard input',
} as const
export const quietOption = { type: 'boolean', default: false, describe: 'Show no progress' } as const

export function withConfig<T>(y: Argv<T>) {
  return withSet(
    y.positional('config', { type: 'string', default: DEFAULT_CONFIG, describe: 'The config file' }),
  )
}

export function withModel<T>(y: Argv<T>) {
  return y.positional('model', { type: 'string', default: DEFAULT_CONFIG, describe: MODEL })
}

export function withSet<T>(y: Argv<T>) {
  return y.option('set', {
    type: 'string',
    array: true,
    nargs: 1,
    default: new Array<string>(),
    defaultDescription: 'none',
    describe: 'Override a key of the config, as in --set fit.epochs=3',
  })
}

export function withEngine<T>(y: Argv<T>) {
  return y
    .option('engine', {
      choices: ['auto', 'compiled', 'tfjs'] as const,
      describe: "What executes the model; default: the config's fit.engine",
    })
    .option('backend', {
      choices: ['tensorflow', 'wasm', 'cpu'] as const,
      describe: 'What the tfjs engine runs on; default: the fastest that works here',
    })
}
