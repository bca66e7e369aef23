/** Advice. Where it names options, it is a function of their names: the command line writes `runDir` as `--run-dir`. */
export type Hint = string | ((option: NameOption) => string)
/** The name that whoever reads a message has for an option. */
export type NameOption = (option: string) => string

export type NnlabErrorOptions = { hint?: Hint | undefined; details?: readonly string[]; cause?: unknown }

/** A failure the user can act on: shown as one message and a hint, never with a stack. */
export class NnlabError extends Error {
  readonly #hint: Hint | undefined
  /** The lines of the message: the message itself, then its details. */
  readonly lines: readonly string[]

  constructor(message: string, { hint, details = [], cause }: NnlabErrorOptions = {}) {
    const lines = [message, ...details.map((detail) => `  ${detail}`)]
    super(lines.join('\n'), { cause })
    this.name = new.target.name
    this.#hint = hint
    this.lines = lines
  }

  /** The hint with options as programs name them. */
  get hint(): string | undefined {
    return this.hintWith((option) => option)
  }

  /** The hint with options as whoever reads it names them. */
  hintWith(nameOf: NameOption): string | undefined {
    return typeof this.#hint === 'function' ? this.#hint(nameOf) : this.#hint
  }
}

/** Wrong options or arguments. Where `option` is given, the message begins with its name. */
export class UsageError extends NnlabError {
  readonly option: string | undefined

  constructor(message: string, { option, ...rest }: NnlabErrorOptions & { option?: string } = {}) {
    super(option === undefined ? message : `${option}: ${message}`, rest)
    this.option = option
  }
}

/** Rows that cannot be used; `message` starts with `file:line:` where there is a line. */
export class DataError extends NnlabError {}

/** A NaN or infinite loss. */
export class DivergedError extends NnlabError {}

/** A run folder, model or checkpoint that cannot be read or written. */
export class RunError extends NnlabError {}

/** The error for a system call that failed, as for want of rights, which is no bug; undefined for other errors. */
export function systemFailure(error: unknown): RunError | undefined {
  const code = errorCode(error)
  if (!(error instanceof Error) || code === undefined || !('syscall' in error)) return undefined
  const call = String(error.syscall)
  const [why = ''] = error.message.replace(`${code}: `, '').split(`, ${call}`)
  const place = 'path' in error ? `${String(error.path)}: ` : ''
  return new RunError(`${place}${why} (${code}, ${call})`, { cause: error })
}

/** The code of a failed file operation, such as `ENOENT`. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
