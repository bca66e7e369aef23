/** Steps to run on so many threads. */
export type Leg = { readonly threads: number; readonly steps: number }

/** How many calls go by before the pace of another number of threads is measured anew. */
const PATIENCE = 16
/** The share of a call that a measurement takes at most. */
const TRIAL = 1 / 8
/** How many calls of a number of threads are remembered: the median of three ignores one that was disturbed. */
const MEMORY = 3
/** In ms: shorter runs say nothing. */
const SHORTEST = 1

/**
 * On how many threads a program runs best, found by trying while it runs: results do not depend on their number, and
 * what pays off depends on the machine and on what else it does.
 */
export class Pace {
  readonly #candidates: readonly number[]
  /** Milliseconds a step in the last calls, the latest last, by the number of threads. */
  readonly #measured = new Map<number, readonly number[]>()
  #calls = 0
  #tried = 0

  constructor(candidates: readonly number[]) {
    this.#candidates = candidates
  }

  /** How a call for so many steps is to be run. */
  plan(steps: number): Leg[] {
    const best = this.#best()
    const trial = this.#trial(best)
    if (trial === undefined || best === undefined) {
      return [{ threads: trial ?? best ?? 1, steps }]
    }
    const some = Math.max(1, Math.floor(steps * TRIAL))
    return [
      { threads: trial, steps: some },
      { threads: best, steps: steps - some },
    ].filter((leg) => leg.steps > 0)
  }

  record(threads: number, steps: number, ms: number): void {
    if (steps === 0 || ms < SHORTEST) return
    this.#measured.set(threads, [...(this.#measured.get(threads) ?? []), ms / steps].slice(-MEMORY))
  }

  /** Whose turn it is to be measured: first those that never were, the most threads before fewer. */
  #trial(best: number | undefined): number | undefined {
    const unknown = this.#candidates.findLast((threads) => !this.#measured.has(threads))
    if (unknown !== undefined) return unknown
    this.#calls++
    if (this.#calls % PATIENCE > 0) return undefined
    const others = this.#candidates.filter((threads) => threads !== best)
    return others[this.#tried++ % others.length]
  }

  #best(): number | undefined {
    const [best] = [...this.#measured].sort(([, a], [, b]) => median(a) - median(b))
    return best?.[0]
  }
}

/** The lower one of two. */
function median(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Infinity
}
