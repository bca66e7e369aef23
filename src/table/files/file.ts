import { constants } from 'node:fs'
import type { Stats } from 'node:fs'
import { open, readdir, readFile, stat } from 'node:fs/promises'
import type { FileHandle } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, resolve } from 'node:path'

import { DataError, errorCode } from '../../errors.ts'
import { nearest } from '../../nearest.ts'
import { quote } from '../../wording.ts'
import { decompress } from './decompress.ts'
import { nextPiece, PIECE, pipePieces } from './pieces.ts'

/** The bytes of standard input, or of a program that passes them in its place, under a name for messages. */
export type StandardInput = AsyncIterable<Uint8Array> & { readonly shownAs?: string }

/** Access to files by path. */
export type FileAccess = {
  /** The folder that relative paths start from. */
  directory: string
  /** Standard input, whose path is `-`. */
  stdin?: StandardInput | undefined
  /** Receives all bytes that are read. */
  fingerprint?: { update(bytes: Uint8Array | string): void } | undefined
}

/** Reads the whole content of a file, or of standard input for `-`. */
export async function readBytes(path: string, access: FileAccess): Promise<Uint8Array> {
  const bytes = path === '-' ? await collect(stdinOf(access)) : await readPath(path, access.directory)
  access.fingerprint?.update(bytes)
  return bytes
}

/** Reads a file, or standard input for `-`, in pieces; .gz and .zst files are decompressed. */
export async function* readChunks(path: string, access: FileAccess): AsyncGenerator<Uint8Array> {
  const pieces = path === '-' ? stdinOf(access) : openPath(path, access.directory)
  yield* decompress(shown(pieces, access), displayName(path, access))
}

async function* shown(
  pieces: AsyncIterable<Uint8Array>,
  { fingerprint }: FileAccess,
): AsyncGenerator<Uint8Array> {
  for await (const piece of pieces) {
    fingerprint?.update(piece)
    yield piece
  }
}

/**
 * Reads one of several files that are read in turns, decompressed. The fingerprint receives each file as a whole
 * before, so that it does not depend on the turns.
 */
export async function readInTurn(path: string, access: FileAccess): Promise<AsyncIterable<Uint8Array>> {
  if (!(await isOnDisk(path, access))) return readChunks(path, access)
  await showFile(path, access)
  return readChunks(path, { ...access, fingerprint: undefined })
}

/** A file whose parts are read in any order. */
export type RandomAccess = {
  size: number
  /** The bytes from `start` up to `end`; fewer only where the file ends. */
  read(start: number, end: number): Promise<Uint8Array<ArrayBuffer>>
  close(): Promise<void>
}

/** Opens a file, or takes all of a stream, after the fingerprint has received it as a whole. */
export async function openFile(path: string, access: FileAccess): Promise<RandomAccess> {
  if (!(await isOnDisk(path, access))) {
    const bytes = Uint8Array.from(await readBytes(path, access))
    const read = (start: number, end: number) => Promise.resolve(bytes.slice(start, Math.max(start, end)))
    return { size: bytes.length, read, close: () => Promise.resolve() }
  }
  await showFile(path, access)
  const absolute = resolve(access.directory, path)
  try {
    const { size } = await stat(absolute)
    const file = await open(absolute)
    return {
      size,
      async read(start, end) {
        const bytes = new Uint8Array(Math.max(0, Math.min(end, size) - start))
        let length = 0
        while (length < bytes.length) {
          const { bytesRead } = await file.read(bytes, length, bytes.length - length, start + length)
          if (bytesRead === 0) break
          length += bytesRead
        }
        return length === bytes.length ? bytes : bytes.slice(0, length)
      },
      close: () => file.close(),
    }
  } catch (cause) {
    throw await unreadable(path, absolute, cause)
  }
}

/** The bytes of a part of a file, in pieces. */
export async function* chunksOf(file: RandomAccess, start: number, end: number): AsyncGenerator<Uint8Array> {
  for (let at = start; at < Math.min(end, file.size); at += PIECE)
    yield file.read(at, Math.min(end, at + PIECE))
}

/** Tells a file that can be read more than once from standard input and pipes, which cannot. */
async function isOnDisk(path: string, { directory }: FileAccess): Promise<boolean> {
  return path !== '-' && (await stat(resolve(directory, path)).catch(() => undefined))?.isFile() === true
}

/** Returns the SHA-256 of a file, in hex. */
export async function sha256Of(path: string): Promise<string> {
  const { createHash } = await import('node:crypto')
  const fingerprint = createHash('sha256')
  await showFile(path, { directory: '.', fingerprint })
  return fingerprint.digest('hex')
}

/** Passes all bytes of a file to the fingerprint. */
async function showFile(path: string, { directory, fingerprint }: FileAccess): Promise<void> {
  if (fingerprint) for await (const piece of openPath(path, directory)) fingerprint.update(piece)
}

async function* openPath(path: string, directory: string): AsyncGenerator<Uint8Array> {
  const absolute = resolve(directory, path)
  let file: FileHandle | undefined
  try {
    // Opening a pipe would otherwise wait until a program writes to it.
    file = await open(absolute, constants.O_RDONLY | constants.O_NONBLOCK)
    const found = await file.stat()
    requireEnd(path, found)
    if (found.isFIFO()) {
      yield* pipePieces(path, file)
      return
    }
    // Room for a megabyte would be more than most files take; a file of the system may say that it has no bytes.
    const most = Math.min(found.size || PIECE, PIECE)
    let next = nextPiece(file, most)
    for (;;) {
      const piece = await next
      if (piece.length === 0) return
      // The next piece is read while this one is processed.
      next = nextPiece(file, most)
      next.catch(() => undefined)
      yield piece
    }
  } catch (cause) {
    throw await unreadable(path, absolute, cause)
  } finally {
    await file?.close()
  }
}

/** Throws for a device, which may never end. */
function requireEnd(path: string, found: Stats): void {
  if (found.isCharacterDevice() || found.isBlockDevice())
    throw new DataError(`${path}: is a device, not a file`, { hint: 'name a file, or - for standard input' })
}

/** The name of a path in messages. */
export function displayName(path: string, { stdin }: Pick<FileAccess, 'stdin'> = {}): string {
  return path === '-' ? (stdin?.shownAs ?? '<stdin>') : path
}

function stdinOf({ stdin }: FileAccess): AsyncIterable<Uint8Array> {
  if (stdin) return stdin
  throw new DataError('<stdin>: standard input cannot be read here', { hint: 'name a file instead of -' })
}

async function readPath(path: string, directory: string): Promise<Uint8Array> {
  const absolute = resolve(directory, path)
  try {
    const found = await stat(absolute)
    requireEnd(path, found)
    return await (found.isFIFO() ? collect(openPath(path, directory)) : readFile(absolute))
  } catch (cause) {
    throw await unreadable(path, absolute, cause)
  }
}

async function collect(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = []
  for await (const chunk of pieces) chunks.push(chunk)
  return Buffer.concat(chunks)
}

/** The error for a path that cannot be read. */
async function unreadable(path: string, absolute: string, cause: unknown): Promise<DataError> {
  if (cause instanceof DataError) return cause
  const code = errorCode(cause)
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    const hint = await neighbour(absolute)
    const message = `${path}: there is no such file${isAbsolute(path) ? '' : ` (looked for ${absolute})`}`
    return new DataError(message, { cause, ...(hint && { hint }) })
  }
  const why = code === undefined ? undefined : reasons[code]
  return new DataError(`${path}: ${why ?? `cannot be read (${code ?? String(cause)})`}`, { cause })
}

const reasons: Record<string, string> = {
  EISDIR: 'expected a file, got a folder',
  EACCES: 'cannot be read: permission denied',
  EPERM: 'cannot be read: operation not permitted',
  EMFILE: 'cannot be opened: too many files are open (`ulimit -n`)',
  ENFILE: 'cannot be opened: too many files are open on this machine',
  ENXIO: 'is a socket, not a file',
  ERR_FS_FILE_TOO_LARGE: 'is larger than 2 GB, more than can be read at once',
}

export async function isFolder(path: string, directory: string): Promise<boolean> {
  return path !== '-' && (await stat(resolve(directory, path)).catch(() => undefined))?.isDirectory() === true
}

/** The names in a folder. */
export async function listFolder(folder: string, access: FileAccess): Promise<string[]> {
  try {
    return await readdir(resolve(access.directory, folder))
  } catch (cause) {
    const code = errorCode(cause)
    const why =
      code === 'ENOENT'
        ? 'there is no such folder'
        : code === 'ENOTDIR'
          ? 'expected a folder, got a file'
          : undefined
    throw new DataError(`${folder}: ${why ?? `cannot be read (${code ?? String(cause)})`}`, { cause })
  }
}

/** A file of a similar name in the same folder. */
async function neighbour(absolute: string): Promise<string | undefined> {
  const names = await readdir(dirname(absolute)).catch(() => undefined)
  if (!names) return 'the folder does not exist; relative paths start from the config file'
  const close = nearest(basename(absolute), names)
  return close === undefined ? undefined : `did you mean ${quote(close)}?`
}

/** The names in a folder and in its folders; undefined where there is no folder. */
export async function namesIn(folder: string): Promise<string[] | undefined> {
  const entries = await readdir(folder, { withFileTypes: true }).catch(() => undefined)
  if (entries === undefined) return undefined
  const inner = entries.filter((entry) => !entry.isFile()).map(({ name }) => join(folder, name))
  const names = await Promise.all(inner.map((path) => readdir(path).catch(() => [])))
  return [...entries.map(({ name }) => name), ...names.flat()]
}
