import { readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'

import { visible } from '../report/text/characters.ts'
import { argumentNames } from './command.ts'
import type { Command, CommandOption, CommandOptions } from './command.ts'
import { globalOptions } from './options.ts'
import { flagOf } from './wrong-usage.ts'

/**
 * Returns the words that may complete the last word of a command line. There are none where a file is expected: shells
 * complete those themselves.
 */
export async function complete(line: string, commands: readonly Command[], cwd: string): Promise<string[]> {
  // Words that the terminal would not show as they are cannot be completed.
  return (await completions(line, commands, cwd)).filter((word) => visible(word) === word)
}

async function completions(line: string, commands: readonly Command[], cwd: string): Promise<string[]> {
  const [, ...words] = line.trimStart().split(/\s+/)
  const current = words.pop() ?? ''
  const name = words.find((word) => !word.startsWith('-'))
  const command = commands.find((one) => one.name === name)
  if (name === undefined) {
    const names = commands.map((one) => one.name)
    return startingWith(current, current.startsWith('-') ? flagsOf(globalOptions) : names)
  }
  if (command === undefined) return []
  const options: CommandOptions = { ...command.options, ...globalOptions }
  const given = words.slice(words.indexOf(name) + 1)
  const pending = valuedOption(given.at(-1), options)
  if (pending !== undefined) return startingWith(current, await valuesOf(pending, current, cwd))
  const [flag = '', value] = splitAt(current, '=')
  const assigned = value === undefined ? undefined : valuedOption(flag, options)
  if (assigned !== undefined && value !== undefined) {
    const values = startingWith(value, await valuesOf(assigned, value, cwd))
    return values.map((one) => `${flag}=${one}`)
  }
  if (current.startsWith('-')) {
    const left = flagsOf(options, argumentNames(command.usage)).filter(
      (one) => !given.includes(one) || valuedOption(one, options)?.type === 'strings',
    )
    return startingWith(current, left)
  }
  const argument = argumentAt(command, given)
  return argument === undefined ? [] : startingWith(current, await valuesOf(argument, current, cwd))
}

function flagsOf(options: CommandOptions, args: readonly string[] = []): string[] {
  const names = Object.keys(options).filter((name) => !args.includes(name))
  return [...names.map(flagOf), 'help'].map((flag) => `--${flag}`)
}

/** The option that takes the word after `flag` as its value. */
function valuedOption(flag: string | undefined, options: CommandOptions): CommandOption | undefined {
  const [, option] =
    Object.entries(options).find(
      ([name, { alias }]) => flag === `--${flagOf(name)}` || flag === `-${alias}`,
    ) ?? []
  return option?.type === 'boolean' ? undefined : option
}

/** The argument that stands after the words given; the last one may take several. */
function argumentAt({ usage, options }: Command, given: readonly string[]): CommandOption | undefined {
  const before = given.filter(
    (word, i) => !word.startsWith('-') && valuedOption(given[i - 1], options) === undefined,
  )
  const names = argumentNames(usage)
  const last = names.at(-1)
  return options[names[before.length] ?? (usage.includes('..') && last !== undefined ? last : '')]
}

async function valuesOf(option: CommandOption, current: string, cwd: string): Promise<string[]> {
  if (option.type === 'string' && option.choices !== undefined) return [...option.choices]
  switch (option.completes) {
    case 'config':
      return configsIn(current, cwd)
    case 'run':
      return runFolders(cwd)
    case 'model':
      return [...(await configsIn(current, cwd)), ...(await runFolders(cwd))]
    case 'key': {
      const { settableKeys } = await import('./config-words.ts')
      return settableKeys(current)
    }
    case 'component': {
      const { explainableWords } = await import('./config-words.ts')
      return explainableWords(current)
    }
    case 'source':
      return (await import('../components/sources/index.ts')).newRowsTypes
    default:
      return []
  }
}

/** The configs in the folder of the path that is being typed. */
async function configsIn(current: string, cwd: string): Promise<string[]> {
  const folder = current.slice(0, current.lastIndexOf('/') + 1)
  const entries = await readdir(resolve(cwd, folder), { withFileTypes: true }).catch(() => [])
  const names = entries.filter((entry) => !entry.isDirectory()).map(({ name }) => name)
  return names.filter((name) => /\.ya?ml$/.test(name)).map((name) => `${folder}${name}`)
}

/** The folders of runs where `train` puts them: runs/NAME/NUMBER and runs/NAME/latest. */
async function runFolders(cwd: string): Promise<string[]> {
  const names = await foldersIn(join(cwd, 'runs'))
  const runs = names.map(async (name) =>
    (await foldersIn(join(cwd, 'runs', name))).flatMap((run) =>
      /^(\d+|latest)$/.test(run) ? [`runs/${name}/${run}`] : [],
    ),
  )
  return (await Promise.all(runs)).flat()
}

async function foldersIn(path: string): Promise<string[]> {
  const entries = await readdir(path, { withFileTypes: true }).catch(() => [])
  return entries.filter((entry) => entry.isDirectory() || entry.isSymbolicLink()).map(({ name }) => name)
}

function startingWith(start: string, words: readonly string[]): string[] {
  return words.filter((word) => word.startsWith(start))
}

function splitAt(word: string, separator: string): string[] {
  const at = word.indexOf(separator)
  return at === -1 ? [word] : [word.slice(0, at), word.slice(at + 1)]
}
