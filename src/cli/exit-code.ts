import { ConfigError } from '../diagnostic.ts'
import { DataError, DivergedError, RunError, UsageError } from '../errors.ts'

/** The process exit codes of the script contract. */
export const ExitCode = {
  done: 0,
  bug: 1,
  usage: 2,
  config: 3,
  data: 4,
  diverged: 5,
  run: 6,
  missed: 7,
  interrupted: 130,
  terminated: 143,
} as const
export type ExitCode = (typeof ExitCode)[keyof typeof ExitCode]

/** The exit code of a command that failed. */
export function exitCodeOf(error: unknown): ExitCode {
  if (error instanceof UsageError) return ExitCode.usage
  if (error instanceof ConfigError) return ExitCode.config
  if (error instanceof DataError) return ExitCode.data
  if (error instanceof DivergedError) return ExitCode.diverged
  return error instanceof RunError ? ExitCode.run : ExitCode.bug
}
