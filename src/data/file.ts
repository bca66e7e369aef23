import { readdir, readFile } from 'node:fs/promises'
import { basename, dirname, resolve } from 'node:path'
import { DataError } from '../errors.ts'
import { nearest } from '../nearest.ts'
import { quote } from './table.ts'
import type { ColumnType } from './column-builder.ts'

/** What a source needs besides its own options. */
export type Reading = {
  /** The folder that relative paths start from. */
  directory: string
  /** What the path `-` stands for. */
  stdin?: AsyncIterable<Uint8Array> | undefined
  /** The columns whose type is known before they are read. */
  types?: ReadonlyMap<string, ColumnType> | undefined
  /** Is shown the bytes of everything read. */
  fingerprint?: { update(bytes: Uint8Array | string): void } | undefined
}

/** The whole content of a file, or of standard input for `-`. */
export async function readBytes(path: string, reading: Reading): Promise<Uint8Array> {
  const bytes = path === '-' ? await readStdin(reading) : await readPath(path, reading.directory)
  reading.fingerprint?.update(bytes)
  return bytes
}

/** How messages call a path. */
export function displayName(path: string): string {
  return path === '-' ? '<stdin>' : path
}

async function readStdin({ stdin }: Reading): Promise<Uint8Array> {
  if (!stdin)
    throw new DataError('<stdin>: standard input cannot be read here', { hint: 'name a file instead of -' })
  const chunks: Uint8Array[] = []
  for await (const chunk of stdin) chunks.push(chunk)
  return Buffer.concat(chunks)
}

async function readPath(path: string, directory: string): Promise<Uint8Array> {
  const absolute = resolve(directory, path)
  try {
    return await readFile(absolute)
  } catch (cause) {
    const code = errorCode(cause)
    if (code === 'ENOENT' || code === 'ENOTDIR') {
      const hint = await neighbour(absolute)
      throw new DataError(`${path}: there is no such file (looked for ${absolute})`, {
        cause,
        ...(hint && { hint }),
      })
    }
    const why = code === undefined ? undefined : reasons[code]
    throw new DataError(`${path}: ${why ?? `cannot be read (${code ?? String(cause)})`}`, { cause })
  }
}

const reasons: Record<string, string> = {
  EISDIR: 'is a folder; a file is wanted',
  EACCES: 'may not be read: permission denied',
  EPERM: 'may not be read: operation not permitted',
  ERR_FS_FILE_TOO_LARGE: 'is larger than 2 GB, more than can be read at once',
}

/** What a failed file operation says about itself, as in `ENOENT`. */
export function errorCode(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

/** A file of a similar name in the same folder. */
async function neighbour(absolute: string): Promise<string | undefined> {
  const names = await readdir(dirname(absolute)).catch(() => undefined)
  if (!names) return 'the folder does not exist; relative paths start from the config file'
  const close = nearest(basename(absolute), names)
  return close === undefined ? undefined : `did you mean ${quote(close)}?`
}
