import { createHash } from 'node:crypto'

/** The SHA-256 of bytes or of a text, in hex. */
export function sha256(contents: string | Uint8Array): string {
  return createHash('sha256').update(contents).digest('hex')
}
