/** Steps to run on a number of threads. */
export type Leg = { readonly threads: number; readonly steps: number }

/** Calls between two measurements of other numbers of threads. */
const CALLS_BETWEEN_TRIALS = 16
/** The largest share of a call that a measurement takes. */
const TRIAL = 1 / 8
/** Calls of a number of threads that are remembered: the median of three ignores one that was disturbed. */
const REMEMBERED = 3
/** Runs that take fewer milliseconds are not measured. */
const SHORTEST_MS = 1

/**
 * The number of threads on which a program runs best, found by trying while it runs: results do not depend on it, and
 * what pays off depends on the machine and on its load.
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

  /** Shares the steps of a call among numbers of threads. */
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
    if (steps === 0 || ms < SHORTEST_MS) return
    this.#measured.set(threads, [...(this.#measured.get(threads) ?? []), ms / steps].slice(-REMEMBERED))
  }

  /** The number of threads to measure next: first those that never were, the largest first. */
  #trial(best: number | undefined): number | undefined {
    const unknown = this.#candidates.findLast((threads) => !this.#measured.has(threads))
    if (unknown !== undefined) return unknown
    this.#calls++
    if (this.#calls % CALLS_BETWEEN_TRIALS > 0) return undefined
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
