import { setTimeout as sleep } from 'node:timers/promises'

import type { RunEnvironment } from '../experiment/environment.ts'
import { runName } from '../run/run-name.ts'
import { parseDuration } from '../spec/schema/duration.ts'
import { Heartbeat } from './heartbeat.ts'
import type { OpenSweep } from './open-sweep.ts'
import { sideBySide } from './side-by-side.ts'
import { follow } from './follow.ts'
import { TurnOrder } from './turn-order.ts'
import type { Turn } from './turn-order.ts'
import type { TrainInFolderOptions } from './train-in-folder.ts'
import { trainTurn } from './train-turn.ts'
import { TurnFiles } from './turn-result.ts'
import type { TurnResult } from './turn-result.ts'

/** Time until the results of other workers are looked for again. */
const POLL_MS = 50

/** Most turns that are decided before they are trained: where they need no results, there may be no end of them. */
const AHEAD = 1000

/** A turn that begins, or one that has ended. */
export type SweepEvent =
  | { readonly kind: 'begin'; readonly turn: Turn }
  | { readonly kind: 'end'; readonly turn: Turn; readonly result: TurnResult }

export type WorkerOptions = TrainInFolderOptions & {
  readonly onTurn?: ((event: SweepEvent) => void) | undefined
}

export type FollowOptions = Pick<WorkerOptions, 'signal' | 'onTurn'>

/** Knowledge of a sweep that the workers of one process share. Those of other processes meet in its folder. */
export class SweepWork {
  readonly #open: OpenSweep
  readonly #environment: RunEnvironment
  readonly #order: TurnOrder
  readonly #turns: TurnFiles
  readonly #heartbeat: Heartbeat
  /** The results of the first turns, in their order, without those that have no work. */
  readonly #results: TurnResult[] = []
  /** Number of the first turns whose results are known. */
  #known = 0
  readonly #end: number

  constructor(open: OpenSweep, environment: RunEnvironment) {
    const { sweep } = open
    this.#open = open
    this.#environment = environment
    this.#order = new TurnOrder(open.order)
    this.#heartbeat = new Heartbeat(open.folder, environment)
    this.#turns = new TurnFiles(open.folder, environment.files, environment.process, this.#heartbeat)
    this.#end =
      sweep.time_cap === undefined ? Infinity : performance.now() + 1000 * parseDuration(sweep.time_cap)
  }

  /** Has workers train side by side until there are no more turns, or the signal ends it. */
  async workSideBySide(options: WorkerOptions): Promise<void> {
    await this.#turns.open()
    await this.#heartbeat.during((isDead) => {
      const worker = (signal: AbortSignal): Promise<void> => this.#work({ ...options, signal })
      const workers = Array.from({ length: options.atOnce }, () => worker)
      return sideBySide(workers, options.atOnce, AbortSignal.any([options.signal, isDead]))
    })
  }

  /** Trains turns that nobody works on. */
  async #work(options: WorkerOptions): Promise<void> {
    while (!options.signal.aborted && performance.now() < this.#end) {
      await this.#advance()
      const claimed = await this.#claim()
      if (claimed !== undefined) await this.#train(claimed, options)
      else if (this.isComplete) return
      else await sleep(POLL_MS)
    }
  }

  /** The results of all turns that have one, in the order of the turns. */
  async results(): Promise<TurnResult[]> {
    await this.#advance()
    const results: TurnResult[] = []
    for (let turn = 1; turn <= this.#order.length; turn++) {
      const result = this.#order.at(turn) && (await this.#turns.read(turn))
      if (result !== undefined) results.push(result)
    }
    return results
  }

  /** Waits for results that others write; ends with all turns, with the signal, or where nobody works any more. */
  async follow(isWorked: () => Promise<boolean>, options: FollowOptions): Promise<void> {
    const told = new Set<number>()
    const look = async (): Promise<boolean> => {
      await this.#advance()
      for (let number = 1; number <= this.#order.length; number++) {
        const turn = this.#order.at(number)
        const result = turn && !told.has(number) ? await this.#turns.read(number) : undefined
        if (turn === undefined || result === undefined) continue
        told.add(number)
        options.onTurn?.({ kind: 'end', turn, result })
      }
      return this.isComplete
    }
    await follow(look, isWorked, options.signal)
  }

  /** True where all turns have their results. */
  get isComplete(): boolean {
    return this.#order.isComplete && this.#known === this.#order.length
  }

  /** Reads results as far as they are there without a gap, and decides the turns that follow from them. */
  async #advance(): Promise<void> {
    for (;;) {
      while (this.#canDecide) this.#decide()
      if (this.#known === this.#order.length) return
      const turn = this.#order.at(this.#known + 1)
      const result = turn && (await this.#turns.read(turn.turn))
      if (turn !== undefined && result === undefined) return
      if (result !== undefined && result.turn > (this.#results.at(-1)?.turn ?? 0)) this.#results.push(result)
      this.#known = Math.max(this.#known, turn?.turn ?? this.#known + 1)
    }
  }

  get #canDecide(): boolean {
    const { isComplete, needed, length } = this.#order
    return !isComplete && needed <= this.#known && length < this.#known + AHEAD
  }

  #decide(): void {
    this.#order.decide(this.#resultsUpTo(this.#order.needed))
  }

  #resultsUpTo(turn: number): TurnResult[] {
    return this.#results.filter((result) => result.turn <= turn)
  }

  /** The first turn that has no result and no worker. */
  async #claim(): Promise<{ turn: Turn; release: () => Promise<void> } | undefined> {
    for (let number = this.#known + 1; number <= this.#order.length; number++) {
      const turn = this.#order.at(number)
      if (turn === undefined || (await this.#turns.read(number)) !== undefined) continue
      const release = await this.#turns.claim(number)
      if (release === undefined) continue
      if ((await this.#turns.read(number)) === undefined) return { turn, release }
      await release()
    }
    return undefined
  }

  async #train(
    { turn, release }: { turn: Turn; release: () => Promise<void> },
    options: WorkerOptions,
  ): Promise<void> {
    const { onTurn } = options
    try {
      onTurn?.({ kind: 'begin', turn })
      const lag = this.#open.order.lag
      const earlier = this.#resultsUpTo(turn.turn - lag)
      const resumeWith = `nnlab sweep --resume ${runName(this.#open.folder, this.#environment.cwd)}`
      const result = await trainTurn(this.#open, turn, earlier, { ...options, resumeWith }, this.#environment)
      if (result === undefined) return
      await this.#turns.write(result)
      onTurn?.({ kind: 'end', turn, result })
    } finally {
      await release()
    }
  }
}
