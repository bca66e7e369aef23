import { pruners } from '../components/pruners/index.ts'
import type { Ladder } from '../components/pruners/pruner.ts'
import type { ComponentConfig } from '../registry.ts'
import type { TurnResult } from './turn-result.ts'

/** A part of the training of a trial: up to its next rung, or to its end. Turns and trials count from 1. */
export type Turn = {
  readonly turn: number
  readonly trial: number
  /** Number of the rung that it leads to, from 0; the same in all brackets. */
  readonly rung: number
  /** Epochs after which the trial pauses; undefined where it is trained to its end. */
  readonly epochs: number | undefined
}

export type TurnOrderOptions = {
  /** Most trials. */
  readonly most: number
  /** A turn depends on the results of those before it by this number; infinite where it depends on none. */
  readonly lag: number
  readonly pruner: ComponentConfig | undefined
  /** Epochs of a whole training. */
  readonly epochs: number
}

/**
 * The order of turns of a sweep. Each turn is a function of the results of turns up to the one `lag` before it, so that
 * it does not matter who trains, how fast, and in which order turns end.
 */
export class TurnOrder {
  readonly #options: TurnOrderOptions
  /** The turns that are decided, in their order; undefined for one without work. */
  readonly #turns: (Turn | undefined)[] = []
  #trials = 0
  /** Number of turns without work at the end. */
  #idle = 0

  constructor(options: TurnOrderOptions) {
    this.#options = options
  }

  /** Number of turns that are decided. */
  get length(): number {
    return this.#turns.length
  }

  /** True where no turn follows those that are decided. */
  get isComplete(): boolean {
    const { lag } = this.#options
    return Number.isFinite(lag) ? this.#idle >= lag : this.#idle > 0
  }

  /** A decided turn, from 1; undefined for one without work. */
  at(turn: number): Turn | undefined {
    return this.#turns[turn - 1]
  }

  /** Number of turns whose results the next one depends on. */
  get needed(): number {
    return Math.max(0, this.#turns.length + 1 - this.#options.lag)
  }

  /** Decides the next turn by the results of the turns that it depends on. */
  decide(results: readonly TurnResult[]): void {
    const next = this.#promotion(results) ?? this.#newTrial()
    this.#turns.push(next)
    this.#idle = next === undefined ? this.#idle + 1 : 0
  }

  #newTrial(): Turn | undefined {
    if (this.#trials >= this.#options.most) return undefined
    this.#trials += 1
    return this.#turnTo(this.#trials, 0)
  }

  /** The turn of a trial that leads to its n-th rung. */
  #turnTo(trial: number, n: number): Turn {
    const { bracket, rungs } = this.#ladder(trial)
    return { turn: this.#turns.length + 1, trial, rung: bracket + n, epochs: rungs[n] }
  }

  #ladder(trial: number): Ladder {
    const { pruner, epochs } = this.#options
    const none = { bracket: 0, rungs: [] }
    return pruner ? (pruners.of(pruner).ladder?.(pruner, trial - 1, epochs) ?? none) : none
  }

  /** The best trial, on the highest rung, that is to be promoted and has not been yet. */
  #promotion(results: readonly TurnResult[]): Turn | undefined {
    const { pruner } = this.#options
    const share = pruner && pruners.of(pruner).promoted?.(pruner)
    if (share === undefined) return undefined
    const paused = results.filter(({ epochs }) => epochs !== undefined)
    const places = new Map(
      paused.map(({ trial, rung }) => {
        const { bracket } = this.#ladder(trial)
        return [JSON.stringify([rung, bracket]), { rung, bracket }]
      }),
    )
    const fromTop = [...places.values()].toSorted((a, b) => b.rung - a.rung || a.bracket - b.bracket)
    for (const { rung, bracket } of fromTop) {
      const here = paused.filter((one) => one.rung === rung && this.#ladder(one.trial).bracket === bracket)
      const best = here
        .filter(({ loss }) => loss !== null)
        .toSorted((a, b) => (a.loss ?? 0) - (b.loss ?? 0) || a.trial - b.trial)
        .slice(0, Math.floor(here.length * share))
        .find(({ trial }) => !this.#turns.some((turn) => turn?.trial === trial && turn.rung > rung))
      if (best !== undefined) return this.#turnTo(best.trial, rung - bracket + 1)
    }
    return undefined
  }
}
