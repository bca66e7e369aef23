/** Steps to run on a number of threads; 0 is the calling thread. */
export type Leg = { readonly threads: number; readonly steps: number }

/** Milliseconds that a measurement takes, with a message to a thread in them; in a short call it takes the whole call. */
const TRIAL_MS = 2
/**
 * The least and the most time from one measurement of other numbers of threads to the next, in times of what it takes
 * itself. They follow each other soon after a change, and at the beginning, when V8 still optimizes the code on threads of
 * its own.
 */
const [SHORTEST_PAUSE, LONGEST_PAUSE] = [8, 128]
/** Calls of a number of threads that are remembered: the median of three ignores one that was disturbed. */
const REMEMBERED = 3
/** Calls that take fewer milliseconds are measured together. */
const SHORTEST_MS = 1

/**
 * The number of threads on which a program runs best, found by trying while it runs: results do not depend on it, and
 * what pays off depends on the machine and on its load.
 */
export class Pace {
  readonly #candidates: readonly number[]
  /** Milliseconds a step in the last calls, the latest last, by the number of threads. */
  readonly #measured = new Map<number, readonly number[]>()
  /** Calls since then that were too short, by the number of threads. */
  readonly #short = new Map<number, { readonly steps: number; readonly ms: number }>()
  /** The number of threads of the last call, milliseconds until the next measurement of others, and the pause behind it. */
  #settled: number | undefined
  #wait = 0
  #pause = SHORTEST_PAUSE
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
    const some = Math.min(steps, Math.ceil(TRIAL_MS / this.#msOf(best)))
    this.#wait = this.#pause * some * this.#msOf(best)
    return [
      { threads: trial, steps: some },
      { threads: best, steps: steps - some },
    ].filter((leg) => leg.steps > 0)
  }

  record(threads: number, steps: number, ms: number): void {
    this.#wait -= ms
    const before = this.#short.get(threads) ?? { steps: 0, ms: 0 }
    const all = { steps: before.steps + steps, ms: before.ms + ms }
    const enough = all.steps > 0 && all.ms >= SHORTEST_MS
    this.#short.set(threads, enough ? { steps: 0, ms: 0 } : all)
    if (!enough) return
    const measured = [...(this.#measured.get(threads) ?? []), all.ms / all.steps]
    this.#measured.set(threads, measured.slice(-REMEMBERED))
  }

  /** The number of threads to measure next: first those that never were, the largest first. */
  #trial(best: number | undefined): number | undefined {
    const unknown = this.#candidates.findLast((threads) => !this.#measured.has(threads))
    if (unknown !== undefined) return unknown
    if (best !== this.#settled) {
      this.#settled = best
      this.#wait = 0
      this.#pause = SHORTEST_PAUSE
    }
    if (this.#wait > 0) return undefined
    this.#pause = Math.min(2 * this.#pause, LONGEST_PAUSE)
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
