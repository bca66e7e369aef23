import { readdir } from 'node:fs/promises'
import { join } from 'node:path'

import * as z from 'zod'

import { valueOfJson } from '../json.ts'
import { RunError } from '../errors.ts'
import { makeFolder, writeFileAtomic } from '../run/atomic.ts'
import type { FileSystem } from '../run/files.ts'
import { requireRegular } from '../run/foreign.ts'
import type { HostProcess } from '../run/host-process.ts'
import { tryLock } from '../run/lock.ts'
import { readText } from '../run/read-text.ts'
import type { Heartbeat } from './heartbeat.ts'
import { numbered } from './sweep-folder.ts'

/** Metric values of a run of a trial. */
const SeedResult = z.object({
  seed: z.int(),
  /** The path of its folder, from that of the sweep. */
  run: z.string(),
  value: z.number().nullable(),
  epochs: z.int(),
  /** The reason for which its training ended. */
  stopped: z.string(),
  weights_sha256: z.string(),
})
export type SeedResult = z.output<typeof SeedResult>

/** The result of a turn: contents of a file in the folder `turns`. */
const TurnResult = z.object({
  turn: z.int(),
  trial: z.int(),
  rung: z.int(),
  epochs: z.int().optional(),
  point: z.array(z.number()).readonly(),
  /** The keys that the trial sets. */
  set: z.record(z.string(), z.unknown()).readonly(),
  /** The mean over the seeds, of which lower is better; null where the trial failed. */
  loss: z.number().nullable(),
  /** The reason for which it failed. */
  error: z.string().optional(),
  seeds: z.array(SeedResult),
  /** Losses by epoch, where trials are compared by them. */
  curve: z.array(z.tuple([z.int(), z.number()])).optional(),
})
export type TurnResult = z.output<typeof TurnResult>

/** The folder of the results in that of a sweep. */
const TURNS = 'turns'

async function readTurn(path: string): Promise<TurnResult | undefined> {
  const text = await readText(path)
  if (text === undefined) return undefined
  const result = TurnResult.safeParse(valueOfJson(text)).data
  if (result === undefined)
    throw new RunError(`${path} is damaged: remove it, and its trial is trained again`)
  return result
}

/** The results that a sweep has so far, in the order of the turns. */
export async function readTurns(sweep: string): Promise<TurnResult[]> {
  const folder = join(sweep, TURNS)
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.json'))
  const results = await Promise.all(names.map((name) => readTurn(join(folder, name))))
  return results.filter((result) => result !== undefined).toSorted((a, b) => a.turn - b.turn)
}

/** The results of the turns of a sweep, one a file, and who works on them. */
export class TurnFiles {
  readonly #folder: string
  readonly #files: FileSystem
  readonly #host: HostProcess
  readonly #heartbeat: Heartbeat
  readonly #known = new Map<number, TurnResult>()

  constructor(sweep: string, files: FileSystem, host: HostProcess, heartbeat: Heartbeat) {
    this.#folder = join(sweep, TURNS)
    this.#files = files
    this.#host = host
    this.#heartbeat = heartbeat
  }

  open(): Promise<void> {
    return makeFolder(this.#folder, this.#files)
  }

  /** The result of a turn; undefined where there is none yet. */
  async read(turn: number): Promise<TurnResult | undefined> {
    const known = this.#known.get(turn)
    if (known !== undefined) return known
    const result = await readTurn(this.#path(turn))
    if (result !== undefined) this.#known.set(turn, result)
    return result
  }

  async write(result: TurnResult): Promise<void> {
    await writeFileAtomic(this.#path(result.turn), `${JSON.stringify(result, null, 2)}\n`, this.#files)
    this.#known.set(result.turn, result)
  }

  /** Makes this worker the only one on a turn; undefined where another is. Resolves to a function that ends that. */
  async claim(turn: number): Promise<(() => Promise<void>) | undefined> {
    // No trial is trained whose result could not be kept.
    await requireRegular(this.#path(turn))
    const path = join(this.#folder, `${numbered(turn)}.lock`)
    return tryLock(path, this.#host, (owner) => this.#heartbeat.isAlive(owner))
  }

  #path(turn: number): string {
    return join(this.#folder, `${numbered(turn)}.json`)
  }
}
