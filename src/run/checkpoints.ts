import { readdir } from 'node:fs/promises'
import { join } from 'node:path'

import { RunError } from '../errors.ts'
import type { MetricValues } from '../train/metric-values.ts'
import type { TrainingState } from '../train/training-state.ts'
import { ASIDE, attempt, writeFolderAtomic } from './atomic.ts'
import { encodeCheckpoint, readCheckpoint } from './checkpoint.ts'
import type { Origin } from './checkpoint.ts'
import { disk } from './files.ts'
import type { Files } from './files.ts'

/** A checkpoint by its place in training: whole epochs done, and steps of the next. */
export type Place = { readonly epoch: number; readonly step: number }

/** Which checkpoints are kept when one is added. */
export type Keeping = {
  /** The last so many. */
  readonly last: number
  /** So many of the best, of those at the end of an epoch. */
  readonly best: number
  better(now: MetricValues, than: MetricValues | undefined): boolean
}

/** The folder of the checkpoints of a run. */
export class Checkpoints {
  readonly folder: string
  readonly #run: string
  readonly #files: Files
  readonly #metricValues = new Map<string, MetricValues>()

  constructor(runFolder: string, run: string, files: Files = disk) {
    this.folder = join(runFolder, 'checkpoints')
    this.#run = run
    this.#files = files
  }

  pathOf(place: Place): string {
    return join(this.folder, nameOf(place))
  }

  /** Where there are checkpoints, whole or damaged, the newest first. */
  async list(): Promise<Place[]> {
    const names = await readdir(this.folder).catch(() => [])
    return names
      .flatMap((name) => placeOf(name) ?? [])
      .toSorted((a, b) => b.epoch - a.epoch || b.step - a.step)
  }

  read(place: Place, origin: Origin): Promise<TrainingState> {
    return readCheckpoint(this.pathOf(place), origin)
  }

  /** The newest checkpoint that is intact; tells what is wrong with newer ones. */
  async newest(origin: Origin, tell: (damage: RunError) => void): Promise<TrainingState | undefined> {
    for (const place of await this.list()) {
      try {
        return await this.read(place, origin)
      } catch (error) {
        if (!(error instanceof RunError)) throw error
        tell(error)
      }
    }
    return undefined
  }

  /** Learns how good the intact checkpoints are that are there already. */
  async recall(origin: Origin): Promise<void> {
    for (const place of await this.list()) {
      if (place.step > 0) continue
      const state = await this.read(place, origin).catch(damaged)
      if (state) this.#metricValues.set(nameOf(place), state.metricValues)
    }
  }

  /** Commits a state, then removes what need not be kept. */
  async commit(state: TrainingState, keeping: Keeping): Promise<void> {
    const place = { epoch: state.epoch, step: state.sums.steps }
    await attempt(this.folder, () => this.#files.makeFolder(this.folder))
    await writeFolderAtomic(this.pathOf(place), await encodeCheckpoint(this.#run, state), this.#files)
    if (place.step === 0) this.#metricValues.set(nameOf(place), state.metricValues)
    await this.#prune(keeping)
  }

  /** Whether an epoch with such metric values would be among the best that are kept. */
  isAmongBest(metricValues: MetricValues, { best, better }: Keeping): boolean {
    return [...this.#metricValues.values()].filter((kept) => !better(metricValues, kept)).length < best
  }

  /** Removes everything; what was cut off in the middle of being written, too. */
  async clear(): Promise<void> {
    await attempt(this.folder, () => this.#files.remove(this.folder))
  }

  /** Removes what was cut off in the middle of being written or removed. */
  async sweep(): Promise<void> {
    const names = await readdir(this.folder).catch(() => [])
    for (const name of names) {
      if (name.includes(ASIDE)) await attempt(this.folder, () => this.#files.remove(join(this.folder, name)))
    }
  }

  async #prune({ last, best, better }: Keeping): Promise<void> {
    const names = (await this.list()).map(nameOf)
    const ranked = names
      .filter((name) => this.#metricValues.has(name))
      .toSorted((a, b) => {
        const [x = {}, y = {}] = [this.#metricValues.get(a), this.#metricValues.get(b)]
        return better(x, y) ? -1 : better(y, x) ? 1 : 0
      })
    const kept = new Set([...names.slice(0, last), ...ranked.slice(0, best)])
    for (const name of names) {
      if (kept.has(name)) continue
      const path = join(this.folder, name)
      const aside = `${path}${ASIDE}old`
      await attempt(path, async () => {
        await this.#files.rename(path, aside)
        await this.#files.remove(aside)
      })
      this.#metricValues.delete(name)
    }
  }
}

function damaged(error: unknown): undefined {
  if (!(error instanceof RunError)) throw error
}

/** `00012-000345`: whole epochs, steps. */
function nameOf({ epoch, step }: Place): string {
  return `${String(epoch).padStart(5, '0')}-${String(step).padStart(6, '0')}`
}

function placeOf(name: string): Place | undefined {
  const [, epoch, step] = /^(\d{5,})-(\d{6,})$/.exec(name) ?? []
  return epoch === undefined || step === undefined ? undefined : { epoch: Number(epoch), step: Number(step) }
}
