import { realpath, stat } from 'node:fs/promises'
import { resolve } from 'node:path'

import { UsageError } from '../errors.ts'
import { writeFileAtomic } from '../run/atomic.ts'
import { quote } from '../wording.ts'
import type { Io } from './io.ts'

/** Writes the result of a command to stdout, or to the file of `--output`: whole or not at all, and over no file that it is made from. */
export async function writeOutput(
  text: AsyncIterable<string> | string,
  output: string | undefined,
  io: Io,
  input?: string,
  option = '--output',
): Promise<void> {
  if (output === undefined) {
    for await (const part of typeof text === 'string' ? [text] : text) io.stdout.writeData(part)
    return
  }
  const path = resolve(io.cwd, output)
  const found = await stat(path).catch(() => undefined)
  if (found && !found.isFile())
    throw new UsageError(
      `${option}: ${quote(output)} is ${found.isDirectory() ? 'a folder' : 'not a plain file'}`,
    )
  if (
    found &&
    input !== undefined &&
    (await realpath(path)) === (await realpath(resolve(io.cwd, input)).catch(() => ''))
  )
    throw new UsageError(`${option}: ${quote(output)} is the file that is read`, { hint: 'name another one' })
  await writeFileAtomic(path, text, io.files, option)
}

/** The format of an output: that of `--format`, else of the file's ending, else the first. */
export function formatOf<F extends string>(
  formats: readonly [F, ...F[]],
  format: F | undefined,
  output: string | undefined,
  option = '--output',
): F {
  if (format !== undefined) return format
  if (output === undefined) return formats[0]
  const named = formats.find((one) => output.toLowerCase().endsWith(`.${one}`))
  if (named !== undefined) return named
  throw new UsageError(`${option}: the name ${quote(output)} tells no format`, {
    hint: `end it with ${formats.map((one) => `.${one}`).join(' or ')}${option === '--output' ? ', or name the format with --format' : ''}`,
  })
}
