import * as z from 'zod'

export function minEpochsOption() {
  return z.int().min(1).default(1).describe('Epochs after which a trial is compared for the first time')
}

export function etaOption() {
  return z
    .int()
    .min(2)
    .default(3)
    .describe('Factor between the epochs of two rungs, and between the numbers of trials that reach them')
}

/** Epochs at the rungs below the whole training. */
export function rungsFrom(first: number, eta: number, epochs: number): number[] {
  const rungs: number[] = []
  for (let rung = first; rung < epochs; rung *= eta) rungs.push(rung)
  return rungs
}
