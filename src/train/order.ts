import { randomPermutation, stream } from '../random.ts'

/** The order of the training rows in an epoch, which depends on the seed and the epoch only. */
export function epochOrder(seed: number, epoch: number, rows: number, shuffle: boolean): Uint32Array {
  return shuffle
    ? randomPermutation(stream(seed, 'shuffle'), epoch, rows)
    : Uint32Array.from({ length: rows }, (_, i) => i)
}
