import type { Io } from './io.ts'

/** Kind of word that completes an argument or the value of an option. */
export type Completion = 'component' | 'config' | 'file' | 'folder' | 'key' | 'model' | 'run' | 'source'

type AnyOption = {
  readonly describe: string
  /** The default in words, where it is not a constant. */
  readonly defaultDescription?: string
  readonly alias?: string
  /** Options that cannot be given beside this one. */
  readonly conflicts?: readonly string[]
  readonly completes?: Completion
}

/** An option of a command, or an argument that its usage names. */
export type CommandOption =
  | (AnyOption & { readonly type: 'boolean' })
  | (AnyOption & { readonly type: 'number'; readonly default?: number })
  | (AnyOption & {
      readonly type: 'string'
      readonly default?: string
      readonly choices?: readonly string[]
      /** The option may be given without a value, which means the empty string. */
      readonly valueOptional?: true
    })
  /** An option that may be repeated. */
  | (AnyOption & { readonly type: 'strings' })

/** Options by their names in camelCase: `runDir` is `--run-dir` on the command line. */
export type CommandOptions = Readonly<Record<string, CommandOption>>

type OptionValue<O extends CommandOption> = O extends { choices: readonly (infer Choice)[] }
  ? Choice
  : O extends { type: 'boolean' }
    ? boolean
    : O extends { type: 'number' }
      ? number
      : O extends { type: 'strings' }
        ? readonly string[]
        : string

type IsOptional<Name, O extends CommandOption, Usage extends string> = O extends
  { type: 'boolean' | 'strings' } | { default: number | string }
  ? false
  : Name extends string
    ? Usage extends `${string}<${Name}>${string}`
      ? false
      : true
    : true

/** Values of a command's arguments and options, as its `run` takes them. */
export type CommandArgs<Usage extends string, O extends CommandOptions> = {
  readonly [Name in keyof O]:
    OptionValue<O[Name]> | (IsOptional<Name, O[Name], Usage> extends true ? undefined : never)
}

/** A command line that shows a use of a command, and a comment on it. */
export type CommandExample = [line: string, comment: string]

type CommandDeclaration<Usage extends string, O extends CommandOptions> = {
  readonly name: string
  /** Arguments: `<required>`, `[optional]`, `[several..]`. */
  readonly usage: Usage
  readonly summary: string
  /** The arguments that `usage` names, in its order, and the options. */
  readonly options: O
  readonly examples: readonly CommandExample[]
  /**
   * Returns the exit code. All commands are loaded at every start: what only this one needs is imported here, when it
   * runs.
   */
  run(args: CommandArgs<Usage, O>, io: Io): Promise<number> | number
}

/** A command, ready for the parser, the help and the completion. */
export type Command = Omit<CommandDeclaration<string, CommandOptions>, 'run'> & {
  /** Runs it with values as the parser found them. */
  readonly run: (given: Readonly<Record<string, unknown>>, io: Io) => Promise<number>
}

/** Declares a command. */
export function command<const Usage extends string, const O extends CommandOptions>(
  declared: CommandDeclaration<Usage, O>,
): Command {
  return {
    ...declared,
    async run(given, io) {
      const args = Object.fromEntries(Object.keys(declared.options).map((name) => [name, given[name]]))
      if (!areArgs(declared, args)) throw new Error(`arguments of ${declared.name}: ${JSON.stringify(args)}`)
      return declared.run(args, io)
    },
  }
}

/** The names in `<model> [rows]`. */
export function argumentNames(usage: string): string[] {
  return Array.from(usage.matchAll(/[<[](\w+)(?:\.\.)?[>\]]/g), ([, name = '']) => name)
}

function areArgs<Usage extends string, O extends CommandOptions>(
  { usage, options }: CommandDeclaration<Usage, O>,
  args: object,
): args is CommandArgs<Usage, O> {
  const values = new Map<string, unknown>(Object.entries(args))
  return Object.entries(options).every(([name, option]) => {
    const value = values.get(name)
    if (option.type === 'strings') {
      return Array.isArray(value) && value.every((one) => typeof one === 'string')
    }
    if (option.type === 'boolean') return typeof value === 'boolean'
    if (value === undefined) return option.default === undefined && !usage.includes(`<${name}>`)
    if (option.type === 'number') return typeof value === 'number'
    return typeof value === 'string' && (option.choices?.includes(value) ?? true)
  })
}
