import { permutations } from '../backend/wasm/permutation.ts'
import { addressLimit } from '../engine/address-limit.ts'
import { randomPermutation } from '../random.ts'
import type { Stream } from '../random.ts'

/** Rows of all epochs from which WebAssembly gains more time than it takes to make a module. */
const MANY = 2 ** 18
/** Rows of an epoch up to which the module has memory for them. */
const MOST = 2 ** 24

let drawn = 0
let permute: typeof randomPermutation | undefined

/** The same as `randomPermutation`: in WebAssembly where many rows are trained and the process may have memory for it. */
export function permutationOfRows(source: Stream, counter: number, rows: number): Uint32Array {
  drawn += rows
  if (drawn < MANY || rows > MOST) return randomPermutation(source, counter, rows)
  permute ??= hasRoom() ? permutations() : randomPermutation
  return permute(source, counter, rows)
}

/** A memory of WebAssembly reserves far more addresses than it uses. */
function hasRoom(): boolean {
  return 'WebAssembly' in globalThis && addressLimit() === Infinity
}
