import { readFileSync } from 'node:fs'

/** Bytes of addresses that this process may reserve: the limit of `ulimit -v`, which Linux tells. */
export function addressLimit(): number {
  try {
    const [, bytes] = /^Max address space +(\d+)/m.exec(readFileSync('/proc/self/limits', 'utf8')) ?? []
    return bytes === undefined ? Infinity : Number(bytes)
  } catch {
    return Infinity // A system without /proc does not tell.
  }
}

/** The share of the addresses that the memory of a model may reserve: Node ends where it finds none for its own. */
export const MODEL_SHARE = 1 / 4

/** Bytes that Node 20 to 26 reserve for themselves, and for each thread. */
const NODE = 1.5e9
const THREAD = 1e9

/** The number of threads that there are addresses for. */
export function threadRoom(): number {
  return Math.max(0, Math.floor(((1 - MODEL_SHARE) * addressLimit() - NODE) / THREAD))
}
