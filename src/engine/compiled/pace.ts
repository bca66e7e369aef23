/** Steps to run on so many threads. */
export type Leg = { readonly threads: number; readonly steps: number }

/** How many calls go by before the pace of another number of threads is measured anew. */
const PATIENCE = 16
/** The share of a call that a measurement takes at most. */
const TRIAL = 1 / 8
/** In ms: shorter runs say nothing. */
const SHORTEST = 1

/**
 * On how many threads a program runs best, found by trying while it runs: results do not depend on their number, and
 * what pays off depends on the machine and on what else it does.
 */
export class Pace {
  readonly #candidates: readonly number[]
  /** Milliseconds a step, as last measured, by the number of threads. */
  readonly #measured = new Map<number, number>()
  #calls = 0
  #tried = 0

  constructor(candidates: readonly number[]) {
    this.#candidates = candidates
  }

  /** How a call for so many steps is to be run. */
  plan(steps: number): Leg[] {
    const trial = this.#trial()
    const best = this.#best()
    if (trial === undefined || best === undefined || trial === best) {
      return [{ threads: trial ?? best ?? 1, steps }]
    }
    const some = Math.max(1, Math.floor(steps * TRIAL))
    return [
      { threads: trial, steps: some },
      { threads: best, steps: steps - some },
    ].filter((leg) => leg.steps > 0)
  }

  record(threads: number, steps: number, ms: number): void {
    if (steps > 0 && ms >= SHORTEST) this.#measured.set(threads, ms / steps)
  }

  /** Whose turn it is to be measured: first those that never were, the most threads before fewer. */
  #trial(): number | undefined {
    const unknown = this.#candidates.findLast((threads) => !this.#measured.has(threads))
    if (unknown !== undefined) return unknown
    this.#calls++
    if (this.#calls % PATIENCE > 0) return undefined
    return this.#candidates[this.#tried++ % this.#candidates.length]
  }

  #best(): number | undefined {
    const [best] = [...this.#measured].sort(([, a], [, b]) => a - b)
    return best?.[0]
  }
}
