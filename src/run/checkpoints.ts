import { randomUUID } from 'node:crypto'
import { readdir } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import { RunError } from '../errors.ts'
import type { MetricValues } from '../components/metrics/metric.ts'
import type { TrainingState } from '../train/training-state.ts'
import { ASIDE, attempt, makeFolder, removeFiles, writeFolderAtomic } from './atomic.ts'
import { CHECKPOINT_FILES } from './checkpoint-files.ts'
import { encodeCheckpoint, readCheckpoint } from './checkpoint.ts'
import type { CheckpointOrigin } from './checkpoint.ts'
import { disk } from './files.ts'
import type { FileSystem } from './files.ts'
import { requireThere } from './folder.ts'

/** Position of a checkpoint in training: whole epochs done, and steps of the next. */
export type CheckpointPosition = { readonly epoch: number; readonly step: number }

/** Checkpoints that are kept when one is added. */
export type CheckpointKeeping = {
  /** Number of the newest. */
  readonly last: number
  /** Number of the best, of those at the end of an epoch. */
  readonly best: number
  better(now: MetricValues, than: MetricValues | undefined): boolean
}

/** The folder of the checkpoints of a run. */
export class Checkpoints {
  readonly folder: string
  readonly #run: string
  readonly #files: FileSystem
  readonly #metricValues = new Map<string, MetricValues>()

  constructor(runFolder: string, run: string, files: FileSystem = disk) {
    this.folder = join(runFolder, 'checkpoints')
    this.#run = run
    this.#files = files
  }

  pathOf(position: CheckpointPosition): string {
    return join(this.folder, nameOf(position))
  }

  /** Positions of the checkpoints, whole or damaged, the newest first. */
  async list(): Promise<CheckpointPosition[]> {
    const names = await readdir(this.folder).catch(() => [])
    const found = await Promise.all(
      names.map(async (name) => {
        const position = positionOf(name)
        return position && (await this.#isEmpty(name)) ? undefined : position
      }),
    )
    return found
      .filter((position) => position !== undefined)
      .toSorted((a, b) => b.epoch - a.epoch || b.step - a.step)
  }

  /** True for the folder of a removed checkpoint that others have put files in. */
  async #isEmpty(name: string): Promise<boolean> {
    const files = await readdir(join(this.folder, name)).catch(() => undefined)
    return files !== undefined && !files.some((file) => CHECKPOINT_FILES.includes(file))
  }

  read(position: CheckpointPosition, origin: CheckpointOrigin): Promise<TrainingState> {
    return readCheckpoint(this.pathOf(position), origin)
  }

  /** The wanted checkpoints that are intact, the newest first; calls `tell` with what is wrong with others. */
  async *intact(
    origin: CheckpointOrigin,
    tell: (damage: RunError) => void,
    isWanted: (position: CheckpointPosition) => boolean = () => true,
  ): AsyncGenerator<TrainingState> {
    for (const position of (await this.list()).filter(isWanted)) {
      try {
        yield await this.read(position, origin)
      } catch (error) {
        if (!(error instanceof RunError)) throw error
        tell(error)
      }
    }
  }

  /** The newest checkpoint that is intact. */
  async newest(
    origin: CheckpointOrigin,
    tell: (damage: RunError) => void,
  ): Promise<TrainingState | undefined> {
    for await (const state of this.intact(origin, tell)) return state
    return undefined
  }

  /** Reads the metric values of the intact checkpoints of whole epochs that are there already. */
  async recall(origin: CheckpointOrigin): Promise<void> {
    const whole = this.intact(
      origin,
      () => undefined,
      ({ step }) => step === 0,
    )
    for await (const { epoch, metricValues } of whole)
      this.#metricValues.set(nameOf({ epoch, step: 0 }), metricValues)
  }

  /** Commits a state, then removes the checkpoints that need not be kept. */
  async commit(state: TrainingState, keeping: CheckpointKeeping): Promise<void> {
    const position = { epoch: state.epoch, step: state.sums.steps }
    await requireThere(dirname(this.folder))
    await makeFolder(this.folder, this.#files)
    await writeFolderAtomic(
      this.pathOf(position),
      await encodeCheckpoint(this.#run, state),
      this.#files,
      this.#run,
    )
    if (position.step === 0) this.#metricValues.set(nameOf(position), state.metricValues)
    await this.#prune(keeping)
  }

  /** True where an epoch with such metric values would be among the best that are kept. */
  isAmongBest(metricValues: MetricValues, { best, better }: CheckpointKeeping): boolean {
    return [...this.#metricValues.values()].filter((kept) => !better(metricValues, kept)).length < best
  }

  /** Removes the checkpoints, also what was interrupted while it was being written. */
  async clear(): Promise<void> {
    for (const position of await this.list()) await this.#remove(nameOf(position))
    await this.sweep()
    await attempt(this.folder, () => this.#files.removeFolder(this.folder))
  }

  /** Removes what was interrupted while the run was writing or removing it. */
  async sweep(): Promise<void> {
    const names = await readdir(this.folder).catch(() => [])
    for (const name of names) {
      const [position, aside] = name.split(ASIDE)
      const isOwn =
        aside?.replace(/^old-/, '').startsWith(this.#run) && positionOf(position ?? '') !== undefined
      if (!isOwn) continue
      const path = join(this.folder, name)
      await attempt(path, () => removeFiles(path, CHECKPOINT_FILES, this.#files))
    }
  }

  async #remove(name: string): Promise<void> {
    const path = join(this.folder, name)
    const aside = `${path}${ASIDE}old-${this.#run}${randomUUID()}`
    await attempt(path, async () => {
      const isOwn = (await readdir(path)).every((file) => CHECKPOINT_FILES.includes(file))
      // What others have put there stays where it is.
      if (isOwn) await this.#files.rename(path, aside)
      await removeFiles(isOwn ? aside : path, CHECKPOINT_FILES, this.#files)
    })
  }

  async #prune({ last, best, better }: CheckpointKeeping): Promise<void> {
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
      await this.#remove(name)
      this.#metricValues.delete(name)
    }
  }
}

/** `00012-000345`: whole epochs, steps. */
function nameOf({ epoch, step }: CheckpointPosition): string {
  return `${String(epoch).padStart(5, '0')}-${String(step).padStart(6, '0')}`
}

/** The position that the name of a checkpoint's folder tells, undefined for any other name. */
export function positionOf(name: string): CheckpointPosition | undefined {
  const [, epoch, step] = /^(\d{5,})-(\d{6,})$/.exec(name) ?? []
  return epoch === undefined || step === undefined ? undefined : { epoch: Number(epoch), step: Number(step) }
}
