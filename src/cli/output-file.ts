import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'

import { UsageError } from '../errors.ts'
import type { ReadFiles } from '../experiment/read-files.ts'
import { lines } from '../report/text/terminal-text.ts'
import { writeResultAtomic } from '../run/atomic.ts'
import { byOption, orElsewhere } from '../run/place-error.ts'
import { quote } from '../wording.ts'
import { ExitCode } from './exit-code.ts'
import { Interrupt } from './interrupt.ts'
import type { Io } from './io.ts'

/**
 * Writes the result of a command to stdout, or to the file of `--output`: whole or not at all, also where a signal comes,
 * and over no file that it is made from. Returns the exit code.
 */
export async function writeOutput(
  text: AsyncIterable<string> | string,
  output: string | undefined,
  io: Io,
  inputs: ReadFiles = {},
  option = 'output',
): Promise<ExitCode> {
  if (output === undefined) {
    for await (const part of typeof text === 'string' ? [text] : text) {
      io.stdout.writeData(part)
      if (io.isLost?.()) break
    }
    return ExitCode.done
  }
  const path = resolve(io.cwd, output)
  const found = await stat(path).catch(() => undefined)
  if (found && !found.isFile())
    throw new UsageError(`${quote(output)} is ${found.isDirectory() ? 'a folder' : 'not a plain file'}`, {
      option,
    })
  const check = async (): Promise<void> => {
    if (!found) return
    const { requireUnread } = await import('../experiment/read-files.ts')
    await requireUnread(output, inputs, { cwd: io.cwd, option })
  }
  await check()
  const interrupt = new Interrupt(io)
  interrupt.watch()
  try {
    const parts = typeof text === 'string' ? text : checked(text, check, interrupt.signal)
    await orElsewhere(byOption(option), () => writeResultAtomic(path, parts, io.files))
    return ExitCode.done
  } catch (error) {
    if (!interrupt.signal.aborted) throw error
    io.stderr.write(lines(['interrupted: nothing was written']))
    return interrupt.exitCode
  } finally {
    interrupt.end()
  }
}

/** The same for `--output`, with a note of the file that was written unless `quiet`. */
export async function writeWithNote(
  text: AsyncIterable<string> | string,
  output: string | undefined,
  io: Io,
  { quiet = false, ...inputs }: ReadFiles & { readonly quiet?: boolean | undefined },
): Promise<ExitCode> {
  const code = await writeOutput(text, output, io, inputs)
  if (code === ExitCode.done && output !== undefined && !quiet) io.stderr.write(lines([`wrote ${output}`]))
  return code
}

/** The same parts up to a signal; checks at the end, since models are opened while the first part is made. */
async function* checked(
  parts: AsyncIterable<string>,
  check: () => Promise<void>,
  signal: AbortSignal,
): AsyncGenerator<string> {
  for await (const part of parts) {
    signal.throwIfAborted()
    yield part
  }
  await check()
}

/** The file that `--output` names; undefined for standard output, which "-" is. */
export function outputFile(output: string | undefined): string | undefined {
  return output === '-' ? undefined : output
}

/** The format of an output: that of `--format`, else of the file's ending, else the first. */
export function formatOf<F extends string>(
  formats: readonly [F, ...F[]],
  format: F | undefined,
  output: string | undefined,
  option = 'output',
): F {
  if (format !== undefined) return format
  if (output === undefined) return formats[0]
  const named = formats.find((one) => output.toLowerCase().endsWith(`.${one}`))
  if (named !== undefined) return named
  throw new UsageError(`the name ${quote(output)} does not tell the format`, {
    option,
    hint: `end it with ${formats.map((one) => `.${one}`).join(' or ')}${option === 'output' ? ', or name the format with --format' : ''}`,
  })
}
