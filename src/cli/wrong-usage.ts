import { UsageError } from '../errors.ts'
import { nearest } from '../nearest.ts'
import { list, quote } from '../wording.ts'
import { argumentNames } from './command.ts'
import type { Command } from './command.ts'
import { globalOptions } from './options.ts'

/** Keys of the config for which other tools have options. */
const KEYS: Readonly<Record<string, string>> = {
  epochs: 'fit.epochs',
  'batch-size': 'fit.batch_size',
  'learning-rate': 'compile.optimizer.learning_rate',
  lr: 'compile.optimizer.learning_rate',
  seed: 'seed',
  optimizer: 'compile.optimizer',
  loss: 'compile.loss',
}

/** The word that stands for "-" while yargs parses, which takes an argument "-" for a missing value. No real word has a NUL. */
export const DASH = '\0'

/** A value that yargs parsed, as it was given. */
export function withDash(value: unknown): unknown {
  return value === DASH ? '-' : value
}

/** `runDir` as `run-dir`. */
export function flagOf(option: string): string {
  return option.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
}

export function unknownCommand(name: string | undefined, commands: readonly Command[]): UsageError {
  if (name === undefined) {
    return new UsageError('no command given', { hint: '`nnlab --help` lists the commands' })
  }
  if (/\.ya?ml$/.test(name)) {
    return new UsageError(`no command given, only the config ${quote(name)}`, {
      hint: `did you mean \`nnlab train ${name}\`?`,
    })
  }
  const close = nearest(
    name,
    commands.map((command) => command.name),
  )
  return new UsageError(`unknown command "${name}"`, {
    hint: close === undefined ? '`nnlab --help` lists the commands' : `did you mean \`nnlab ${close}\`?`,
  })
}

/** Returns a check of the value that yargs parsed: a single number. */
export function checkNumber(shown: string) {
  return (value: unknown): unknown => {
    if (Array.isArray(value)) throw new UsageError(`${shown} may be given only once`)
    if (Number.isNaN(value)) throw new UsageError(`${shown} needs a number`)
    return value
  }
}

/** Returns a check of the value that yargs parsed: a single string, one of the choices. */
export function checkString(shown: string, choices: readonly string[] | undefined) {
  return (parsed: unknown): unknown => {
    const value = withDash(parsed)
    if (Array.isArray(value)) throw new UsageError(`${shown} may be given only once`)
    if (typeof value !== 'string' || choices === undefined || choices.includes(value)) return value
    throw new UsageError(`${shown} must be one of ${choices.join(', ')}, got "${value}"`)
  }
}

/** Refuses arguments and options that a command does not have, and options that cannot be used together. */
export function checkKnown(
  given: Readonly<Record<string, unknown>>,
  command: Command,
  commands: readonly Command[],
): void {
  const { _: words, $0: _script, ...options } = given
  const extra = Array.isArray(words) ? words.map(String) : []
  if (extra.length > 0) {
    const assigns = 'set' in command.options && extra[0]?.includes('=')
    throw new UsageError(`unexpected argument "${extra[0]}"`, {
      hint: assigns ? `set a key of the config with --set ${extra[0]}` : usageOf(command),
    })
  }
  for (const [name, { conflicts = [] }] of Object.entries(command.options)) {
    const other = conflicts.find((one) => isGiven(options[name]) && isGiven(options[one]))
    if (other === undefined) continue
    throw new UsageError(`--${flagOf(name)} and --${flagOf(other)} are mutually exclusive`, {
      hint: usageOf(command),
    })
  }
  const known = optionNames(command)
  const unknown = Object.keys(options).find((name) => !known.includes(flagOf(name)))
  if (unknown === undefined) return
  const shown = unknown.length === 1 ? `-${unknown}` : `--${unknown}`
  throw new UsageError(`unknown option ${shown}`, { hint: optionHint(unknown, command, commands) })
}

/** A switch that is not given is false. */
function isGiven(value: unknown): boolean {
  return value !== undefined && value !== false
}

function optionNames({ options }: Command): string[] {
  const names = Object.keys({ ...options, ...globalOptions }).map(flagOf)
  const aliases = Object.values(options).flatMap(({ alias }) => alias ?? [])
  return [...names, ...aliases, 'help', 'h', 'version', 'v']
}

function optionHint(unknown: string, command: Command, commands: readonly Command[]): string {
  const close = nearest(unknown, optionNames(command))
  const key =
    KEYS[unknown] ?? (close === undefined ? KEYS[nearest(unknown, Object.keys(KEYS)) ?? ''] : undefined)
  if (key !== undefined && 'set' in command.options) return `set a key of the config with --set ${key}=VALUE`
  if (close !== undefined) return `did you mean --${close}?`
  const others = commands.filter((one) => optionNames(one).includes(unknown))
  return others.length > 0
    ? `${list(others.map(({ name }) => `\`nnlab ${name}\``))} ${others.length === 1 ? 'has' : 'have'} it`
    : `\`nnlab ${command.name} --help\` lists the options`
}

/** Rephrases a message of yargs, with a hint. */
export function wrongUsage(message: string, command: Command | undefined): UsageError {
  const hint = command === undefined ? '`nnlab --help` lists the commands' : usageOf(command)
  const [, flag] = /^Not enough arguments following: (.*)$/.exec(message) ?? []
  if (flag !== undefined) return new UsageError(`--${flag} needs a value`, { hint })
  // What a check of a value throws arrives as its message alone.
  const [, choices = '', given = ''] = / must be one of (.*), got "(.*)"$/s.exec(message) ?? []
  const close = nearest(given, choices.split(', '))
  if (close !== undefined) return new UsageError(message, { hint: `did you mean ${close}?` })
  const [, got] = /^Not enough non-option arguments: got (\d+)/.exec(message) ?? []
  if (got !== undefined && command !== undefined) {
    const missing = argumentNames(command.usage)[Number(got)] ?? ''
    const what = command.options[missing]?.describe ?? ''
    return new UsageError(
      `missing argument: ${missing} (${what.slice(0, 1).toLowerCase()}${what.slice(1)})`,
      {
        hint,
      },
    )
  }
  return new UsageError(message, { hint })
}

function usageOf({ name, usage }: Command): string {
  return `usage: nnlab ${name} ${usage}`.trimEnd()
}
