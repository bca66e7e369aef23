import yargs from 'yargs'
import type { Argv, PositionalOptions, Options as YargsOption } from 'yargs'

import { UsageError } from '../errors.ts'
import { lines } from '../report/text/terminal-text.ts'
import { version } from '../version.ts'
import { argumentNames } from './command.ts'
import type { Command, CommandOption, CommandOptions } from './command.ts'
import { commands } from './commands/index.ts'
import { ExitCode } from './exit-code.ts'
import type { Io } from './io.ts'
import { globalOptions } from './options.ts'
import {
  checkKnown,
  checkNumber,
  checkString,
  DASH,
  flagOf,
  unknownCommand,
  withDash,
  wrongUsage,
} from './wrong-usage.ts'

/** A command line that is ready to run; it resolves to the exit code. */
export type ParsedCommand = () => Promise<number>

/** Options that yargs answers itself. Capturing its output makes it lay out the whole help text, which is slow. */
const PRINTING = new Set(['-h', '--help', '-v', '--version'])

/** Option that requests the completions of a command line; the scripts of `nnlab completion` use it. */
const COMPLETE = '--get-completions'

/** Parses a command line; code that only its command needs is loaded when that runs. */
export async function parseCommand(argv: readonly string[], io: Io): Promise<ParsedCommand> {
  if (argv[0] === COMPLETE) return () => printCompletions(argv[1] ?? '', io)
  const { name, others } = commandOf(argv[0] === 'help' ? [...argv.slice(1), '--help'] : argv)
  const command = commands.find((one) => one.name === name)
  const prints = others.some((word) => PRINTING.has(word))
  if (command === undefined && (name !== undefined || !prints)) throw unknownCommand(name, commands)

  let given: Readonly<Record<string, unknown>> = {}
  const parser = declareOptions(yargs(), '', globalOptions)
  for (const { name, usage, summary, options, examples } of command === undefined ? commands : [command]) {
    parser.command(
      // A default command ($0) runs without its help being laid out, which is slow.
      `${prints ? name : '$0'} ${usage}`.trimEnd(),
      summary,
      (y) => declareOptions(y, usage, options).example(examples),
      (args) => void (given = withDashes(args)),
    )
  }
  configure(parser, command, io.stdout.width)
  if (prints || command === undefined) {
    const printed = await printedBy(parser, name === undefined ? others : [name, ...others])
    return () => {
      io.stdout.write(lines(printed.split('\n')))
      return Promise.resolve(ExitCode.done)
    }
  }
  await parser.parseAsync(others.map((word) => (word === '-' ? DASH : word)))
  checkKnown(given, command, commands)
  const { dataDir } = given
  return () => command.run(given, { ...io, ...(typeof dataDir === 'string' && { dataDir }) })
}

function withDashes(args: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const restored = (value: unknown): unknown => (Array.isArray(value) ? value.map(withDash) : withDash(value))
  return Object.fromEntries(Object.entries(args).map(([name, value]) => [name, restored(value)]))
}

/** Prints the completions of a command line, one per line. Whatever happens, nothing else is printed: it would end up in the prompt. */
async function printCompletions(line: string, io: Io): Promise<number> {
  try {
    const { complete } = await import('./complete.ts')
    const words = await complete(line, commands, io.cwd)
    io.stdout.writeData(words.map((word) => `${word}\n`).join(''))
  } catch {
    // A word that cannot be completed.
  }
  return ExitCode.done
}

/** The name of the command, which is the first word that is neither an option nor the value of a global one, and the other words. */
function commandOf(argv: readonly string[]): { name: string | undefined; others: string[] } {
  const valued = new Set(Object.keys(globalOptions).map((name) => `--${flagOf(name)}`))
  const at = argv.findIndex((word, i) => !word.startsWith('-') && !valued.has(argv[i - 1] ?? ''))
  return { name: argv[at], others: argv.filter((_, i) => i !== at) }
}

async function printedBy(parser: Argv, words: readonly string[]): Promise<string> {
  let printed = ''
  await parser.parseAsync([...words], {}, (error: Error | undefined, _args: unknown, output: string) => {
    if (error) throw error
    printed = output
  })
  return printed
}

function configure(parser: Argv, command: Command | undefined, width: number): void {
  parser
    .scriptName('nnlab')
    .usage('$0 COMMAND\n\nTrains neural networks from a YAML file.')
    .version(version)
    .help()
    .alias({ help: 'h', version: 'v' })
    .detectLocale(false)
    .wrap(Number.isFinite(width) ? Math.min(100, width) : 80)
    .epilogue(
      'Exit codes: 0 success, 1 internal error, 2 wrong usage, 3 invalid config, 4 invalid data, 5 diverged, 6 unusable run, 7 missed minimum, 130 and 143 interrupted.',
    )
    .parserConfiguration({ 'boolean-negation': true })
    .exitProcess(false)
    .showHelpOnFail(false)
    .fail((message: string | undefined, error: Error | undefined) => {
      if (error instanceof UsageError) throw error
      throw wrongUsage(message ?? error?.message ?? 'wrong usage', command)
    })
}

function declareOptions(y: Argv, usage: string, options: CommandOptions): Argv {
  const names = argumentNames(usage)
  for (const [name, option] of Object.entries(options)) {
    if (names.includes(name)) y.positional(name, yargsArgument(name, option))
    else y.option(flagOf(name), yargsOption(`--${flagOf(name)}`, option))
  }
  return y
}

function yargsOption(shown: string, option: CommandOption): YargsOption {
  const { type, defaultDescription } = option
  return {
    ...yargsArgument(shown, option),
    ...(defaultDescription !== undefined && { defaultDescription }),
    ...(type === 'strings' && { nargs: 1 }),
    requiresArg: type === 'number' || (type === 'string' && option.valueOptional !== true),
  }
}

/** Keys are left out rather than undefined: yargs takes an undefined default for a default. `coerce` checks strings, with clearer messages than yargs's. */
function yargsArgument(shown: string, option: CommandOption): PositionalOptions {
  const { describe, alias } = option
  const common = { describe, ...(alias !== undefined && { alias }) }
  switch (option.type) {
    case 'boolean':
      return { ...common, type: 'boolean', default: false }
    case 'number':
      return {
        ...common,
        type: 'number',
        ...(option.default !== undefined && { default: option.default }),
        coerce: checkNumber(shown),
      }
    case 'strings':
      return { ...common, type: 'string', array: true, default: [] }
    case 'string':
      return {
        ...common,
        type: 'string',
        ...(option.choices !== undefined && { choices: option.choices }),
        ...(option.default !== undefined && { default: option.default }),
        coerce: checkString(shown, option.choices),
      }
  }
}
