import yargs from 'yargs'
import type { Argv } from 'yargs'

import { ExitCode, UsageError } from '../errors.ts'
import { version } from '../version.ts'
import { DEFAULT_CONFIG } from '../experiment/default-config.ts'
import type { Io } from './io.ts'
import {
  CONFIG,
  fromOption,
  jsonOption,
  MODEL,
  quietOption,
  withConfig,
  withEngine,
  withModel,
  withSet,
} from './options.ts'
import { wrongUsage } from './wrong-usage.ts'

/** A command that is ready to run; it resolves to the exit code. */
export type Command = () => Promise<number>

/** What makes yargs print something itself. To capture it, yargs lays out the whole help text, which takes a while. */
const PRINTING = new Set(['-h', '--help', '-v', '--version', 'completion', '--get-yargs-completions'])

/** From a command line to the command it asks for; each is loaded only when it runs. */
export async function parseCommand(argv: readonly string[], io: Io): Promise<Command> {
  let command: Command | undefined
  const choose = (chosen: Command): void => void (command = chosen)
  const env = { ...io.env }
  const parser = define(yargs([...argv]), { ...io, env }, choose)
    .option('data-dir', {
      type: 'string',
      requiresArg: true,
      describe: 'Folder of the known data sets; default: $NNLAB_DATA_DIR, else the cache folder',
    })
    .middleware(({ dataDir }) => {
      if (dataDir !== undefined) env['NNLAB_DATA_DIR'] = dataDir
    })
  if (!argv.some((word) => PRINTING.has(word))) await parser.parseAsync()
  else {
    let printed = ''
    await parser.parseAsync([...argv], {}, (error: Error | undefined, _args: unknown, output: string) => {
      if (error) throw error
      printed = output
    })
    if (printed !== '') {
      return () => {
        io.stdout.write(`${printed}\n`)
        return Promise.resolve(ExitCode.done)
      }
    }
  }
  if (command !== undefined) return command
  throw new UsageError('which command?', { hint: '`nnlab --help` lists them' })
}

function define(parser: Argv, io: Io, choose: (command: Command) => void): Argv {
  return parser
    .scriptName('nnlab')
    .usage('$0 COMMAND\n\nTrains neural networks from a YAML file.')
    .command(
      'init [file]',
      'Write a config to start from',
      (y) =>
        y
          .positional('file', { type: 'string', default: DEFAULT_CONFIG, describe: 'Where to write it' })
          .option('data', {
            type: 'string',
            requiresArg: true,
            describe: 'Fit it to the columns of this csv file',
          })
          .option('target', {
            type: 'string',
            requiresArg: true,
            describe: 'The column to predict; default: the last one',
          })
          .option('force', { type: 'boolean', default: false, describe: 'Replace a file that exists' }),
      ({ file, data, target, force }) =>
        choose(async () => (await import('./commands/init.ts')).init({ file, data, target, force }, io)),
    )
    .command(
      'validate [config]',
      'Say all that is wrong with a config',
      (y) =>
        withConfig(y)
          .option('format', {
            choices: ['text', 'json', 'github'] as const,
            default: 'text' as const,
            describe: 'How to write the diagnostics',
          })
          .option('json', { type: 'boolean', default: false, describe: 'Short for --format json' }),
      ({ config, set, format, json }) =>
        choose(async () =>
          (await import('./commands/validate.ts')).validate(
            { config, set, format: json ? 'json' : format },
            io,
          ),
        ),
    )
    .command(
      'summary [model]',
      'Show the layers, shapes and parameters of a config or a trained model',
      (y) => withSet(withModel(y)).option('json', jsonOption),
      ({ model, set, json }) =>
        choose(async () => (await import('./commands/summary.ts')).summary({ model, set, json }, io)),
    )
    .command(
      'train [config]',
      'Train the network of a config',
      (y) =>
        withEngine(withSet(y.positional('config', { type: 'string', describe: CONFIG })))
          .option('run-dir', {
            type: 'string',
            requiresArg: true,
            describe: 'Folder of the run; default: the next number below runs/NAME',
          })
          .option('resume', {
            type: 'string',
            describe: 'Go on with a run, for more epochs too; default: the last of the config',
          })
          .option('update', {
            type: 'boolean',
            default: false,
            describe: 'Go on with the run in --run-dir if config and data are the same, else replace it',
          })
          .option('fold', {
            type: 'string',
            requiresArg: true,
            describe: 'Validate on one of k folds, as in 2/5: short for --set data.split.fold=2/5',
          })
          .conflicts('resume', ['run-dir', 'fold'])
          .option('deps', {
            type: 'boolean',
            default: false,
            describe: 'Train nothing: print a rule for make, of what the model depends on',
          })
          .option('json', jsonOption)
          .option('quiet', quietOption),
      ({ config, set: given, fold, runDir, resume, update, deps, engine, backend, json, quiet }) =>
        choose(async () => {
          const set = fold === undefined ? given : [...given, `data.split.fold=${fold}`]
          return (await import('./commands/train.ts')).train(
            { config, set, runDir, resume, update, deps, engine, backend, json, quiet },
            io,
          )
        }),
    )
    .command(
      'cv [config]',
      'Train once for each of k folds and tell how the figures spread',
      (y) =>
        withEngine(withConfig(y))
          .option('folds', {
            type: 'number',
            default: 5,
            requiresArg: true,
            describe: 'How many folds: each is the validation split of one run',
          })
          .option('json', jsonOption)
          .option('quiet', quietOption),
      ({ config, set, folds, engine, backend, json, quiet }) =>
        choose(async () =>
          (await import('./commands/cv.ts')).cv({ config, set, folds, engine, backend, json, quiet }, io),
        ),
    )
    .command(
      'data [config]',
      'Show the rows of a config as training will see them, and what may be wrong with them',
      (y) => withConfig(y).option('json', jsonOption),
      ({ config, set, json }) =>
        choose(async () => (await import('./commands/data.ts')).data({ config, set, json }, io)),
    )
    .command(
      'runs [folder]',
      'List runs with their state and best epoch',
      (y) =>
        y
          .positional('folder', { type: 'string', default: 'runs', describe: 'Where they are' })
          .option('json', jsonOption),
      ({ folder, json }) =>
        choose(async () => (await import('./commands/runs.ts')).runs({ folder, json }, io)),
    )
    .command(
      'diff <a> <b>',
      'Compare the configs and figures of two runs',
      (y) =>
        y
          .positional('a', { type: 'string', demandOption: true, describe: 'The folder of a run' })
          .positional('b', { type: 'string', demandOption: true, describe: 'The folder of another' })
          .option('json', jsonOption),
      ({ a, b, json }) => choose(async () => (await import('./commands/diff.ts')).diff({ a, b, json }, io)),
    )
    .command(
      'verify <run>',
      'Train a run anew and say whether its bits come out',
      (y) =>
        withEngine(y.positional('run', { type: 'string', demandOption: true, describe: 'Its folder' }))
          .option('json', jsonOption)
          .option('quiet', quietOption),
      ({ run, engine, backend, json, quiet }) =>
        choose(async () =>
          (await import('./commands/verify.ts')).verify({ run, engine, backend, json, quiet }, io),
        ),
    )
    .command(
      'evaluate [model]',
      'Measure a trained model on its test rows or on a file',
      (y) =>
        withEngine(withModel(y))
          .option('data', {
            type: 'string',
            requiresArg: true,
            describe: 'Rows with targets: a file, a folder or a pattern; - is standard input',
          })
          .option('from', fromOption)
          .option('labels', {
            type: 'string',
            requiresArg: true,
            describe: 'The labels, where --data is an IDX file of images',
          })
          .option('split', {
            choices: ['train', 'validation', 'test'] as const,
            describe: "The rows of the config's own data; default: test, else validation, else train",
          })
          .conflicts('data', 'split')
          .option('json', jsonOption)
          .option('quiet', quietOption),
      ({ model, data, from, labels, split, engine, backend, json, quiet }) =>
        choose(async () =>
          (await import('./commands/evaluate.ts')).evaluate(
            { model, data, from, labels, split, engine, backend, json, quiet },
            io,
          ),
        ),
    )
    .command(
      'predict <model> [rows]',
      'Predict for rows that the model has not seen',
      (y) =>
        withEngine(y.positional('model', { type: 'string', demandOption: true, describe: MODEL }))
          .positional('rows', {
            type: 'string',
            alias: 'data',
            default: '-',
            describe: 'A file of rows, a folder or a pattern; - is standard input',
          })
          .option('from', fromOption)
          .option('format', {
            choices: ['csv', 'jsonl'] as const,
            default: 'csv' as const,
            describe: 'How to write the predictions',
          })
          .option('json', { type: 'boolean', default: false, describe: 'One JSON document instead' })
          .option('quiet', quietOption),
      ({ model, rows, from, format, engine, backend, json, quiet }) =>
        choose(async () =>
          (await import('./commands/predict.ts')).predict(
            { model, rows, from, format: json ? 'json' : format, engine, backend, quiet },
            io,
          ),
        ),
    )
    .command('schema', 'Print the JSON Schema of a config, for editors', {}, () =>
      choose(async () => (await import('./commands/schema.ts')).schema(io)),
    )
    .command(
      'explain [key..]',
      'Say what a key or a component means, as in `nnlab explain fit.batch_size`',
      (y) =>
        y
          .positional('key', {
            type: 'string',
            array: true,
            default: new Array<string>(),
            defaultDescription: 'the sections',
            describe: 'A key path or the name of a component',
          })
          .option('ir', {
            type: 'string',
            requiresArg: true,
            describe: 'Print the tensor operations of a training step of this config instead',
          })
          .option('json', jsonOption),
      ({ key, ir, json }) =>
        choose(async () =>
          (await import('./commands/explain.ts')).explain({ key: key.join(' '), ir, json }, io),
        ),
    )
    .command(
      'doctor',
      'Say what this machine has and which engine would be used',
      (y) => y.option('json', jsonOption),
      ({ json }) => choose(async () => (await import('./commands/doctor.ts')).doctor({ json }, io)),
    )
    .completion('completion', 'Print a script for the completion of bash or zsh')
    .version(version)
    .help()
    .alias({ help: 'h', version: 'v' })
    .wrap(Math.min(100, io.stdout.columns ?? 80))
    .epilogue(
      'Exit codes: 0 done, 1 a bug, 2 wrong usage, 3 bad config, 4 bad data, 5 diverged, 6 unusable run, 130 and 143 interrupted.',
    )
    .strictCommands()
    .strictOptions()
    .demandCommand(1, 1)
    .parserConfiguration({ 'boolean-negation': true })
    .exitProcess(false)
    .showHelpOnFail(false)
    .fail((message: string | undefined, error: Error | undefined) => {
      if (error) throw error
      throw wrongUsage(message ?? 'wrong usage')
    })
}
