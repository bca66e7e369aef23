import { totalmem } from 'node:os'

import { addressLimit } from '../engine/address-limit.ts'

/** Bytes of memory that this process may have: what the machine has, or less where a container or a limit says so. */
export function processMemory(): number {
  const container = process.constrainedMemory()
  return Math.min(totalmem(), container > 0 ? container : Infinity, addressLimit())
}
