import type { FileHandle } from 'node:fs/promises'
import { setTimeout as delay } from 'node:timers/promises'

import { DataError, errorCode } from '../../errors.ts'

/** The most bytes that are read at once. */
export const PIECE = 2 ** 20

/** Milliseconds that the first writer of a pipe may take by default, and between two looks for more bytes. */
const PATIENCE = 5000
const PAUSE = 5

/** Reads the next piece of a file; empty at its end. `most`: the most bytes that it may have. */
export async function nextPiece(file: Pick<FileHandle, 'read'>, most = PIECE): Promise<Uint8Array> {
  const { buffer, bytesRead } = await file.read(Buffer.allocUnsafe(most), 0, most)
  return buffer.subarray(0, bytesRead)
}

/**
 * Reads a pipe that was opened without waiting for a writer; `path` names it in messages, `patience` is the time in ms
 * that the first writer may take to open it.
 */
export async function* pipePieces(
  path: string,
  file: Pick<FileHandle, 'read'>,
  patience = PATIENCE,
): AsyncGenerator<Uint8Array> {
  const start = performance.now()
  let hasWriter = false
  for (;;) {
    const piece = await nextPiece(file).catch(notYet)
    if (piece?.length === 0) {
      if (hasWriter) return
      if (performance.now() - start > patience) throw withoutWriter(path)
    } else hasWriter = true
    if (piece && piece.length > 0) yield piece
    else await delay(PAUSE)
  }
}

/** Undefined where a pipe has a writer, but nothing to read. */
function notYet(error: unknown): undefined {
  if (errorCode(error) !== 'EAGAIN') throw error
}

function withoutWriter(path: string): DataError {
  return new DataError(`${path}: is a pipe that no program writes to`, {
    hint: 'start the program that writes to it first, or name a file',
  })
}
