/** Steps to run on a number of threads. */
export type Leg = { readonly threads: number; readonly steps: number }

/**
 * The most calls from one measurement of other numbers of threads to the next. There are fewer after a change, and at the
 * beginning, when V8 still optimizes the code on threads of its own.
 */
const MOST_CALLS_BETWEEN = 16
/** The share of a call that a measurement takes, unless that is too short to be measured. */
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
  /** The number of threads of the last call, calls since the last measurement of others, and those to wait for. */
  #settled: number | undefined
  #calls = 0
  #pause = 1
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
    const enough = Math.ceil(SHORTEST_MS / this.#msOf(best))
    const some = Math.min(steps, Math.max(enough, Math.floor(steps * TRIAL)))
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
    if (best !== this.#settled) {
      this.#settled = best
      this.#pause = 1
    }
    if (++this.#calls < this.#pause) return undefined
    this.#calls = 0
    this.#pause = Math.min(2 * this.#pause, MOST_CALLS_BETWEEN)
    const others = this.#candidates.filter((threads) => threads !== best)
    return others[this.#tried++ % others.length]
  }

  #best(): number | undefined {
    const [best] = [...this.#measured.keys()].sort((a, b) => this.#msOf(a) - this.#msOf(b))
    return best
  }

  #msOf(threads: number): number {
    return median(this.#measured.get(threads) ?? [])
  }
}

/** The lower one of two. */
function median(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b)
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? Infinity
}
