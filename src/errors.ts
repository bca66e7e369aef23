/** The process exit codes of the script contract. */
export const ExitCode = {
  done: 0,
  bug: 1,
  usage: 2,
  config: 3,
  data: 4,
  diverged: 5,
  run: 6,
  interrupted: 130,
  terminated: 143,
} as const
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode]

/** A failure the user can act on: printed as one message and a hint, never with a stack. */
export class NnlabError extends Error {
  readonly exitCode: ExitCode
  readonly hint: string | undefined

  constructor(
    exitCode: ExitCode,
    message: string,
    options: { hint?: string | undefined; cause?: unknown } = {},
  ) {
    super(message, { cause: options.cause })
    this.name = new.target.name
    this.exitCode = exitCode
    this.hint = options.hint
  }
}

type Options = { hint?: string; cause?: unknown }

/** Wrong flags or arguments. */
export class UsageError extends NnlabError {
  constructor(message: string, options: Options = {}) {
    super(ExitCode.usage, message, options)
  }
}

/** Rows that cannot be used; `message` starts with `file:line:` where there is a line. */
export class DataError extends NnlabError {
  constructor(message: string, options: Options = {}) {
    super(ExitCode.data, message, options)
  }
}

/** A NaN or infinite loss. */
export class DivergedError extends NnlabError {
  constructor(message: string, options: Options = {}) {
    super(ExitCode.diverged, message, options)
  }
}

/** A run folder, model or checkpoint that cannot be read or written. */
export class RunError extends NnlabError {
  constructor(message: string, options: Options = {}) {
    super(ExitCode.run, message, options)
  }
}

/** The code of a failed file operation, such as `ENOENT`. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
