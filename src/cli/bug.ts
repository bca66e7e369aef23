import { bold, lines, red, text } from '../report/text/terminal-text.ts'
import { version } from '../version.ts'
import type { Io } from './io.ts'

/** Reports an error that is no user's mistake, with its stack. */
export async function reportBug(error: unknown, { stderr }: Io): Promise<void> {
  const { readableStack } = await import('./stack.ts')
  const stack = error instanceof Error ? readableStack(error) : String(error)
  stderr.write(
    lines([
      text`${bold(red('bug'))}: nnlab ${version} on Node ${process.version} hit an internal error:`,
      ...stack.split('\n'),
      'please report this text together with the config',
    ]),
  )
}
