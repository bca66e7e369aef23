import { lstat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import * as z from 'zod'

import type { Listener } from '../components/callbacks/listener.ts'
import { once } from '../once.ts'
import { disk } from './files.ts'
import { readJson, readText } from './read-text.ts'

/** The file in the folder of a run that trains; it is no part of what the run is, and gone when training ends. */
const PROGRESS = 'progress.json'

/** Shortest time between two writes. */
const INTERVAL_MS = 1000

const Progress = z.object({
  /** The epoch that is trained, from 1. */
  epoch: z.int(),
  /** Its steps that are done, and all of them. */
  step: z.int(),
  steps: z.int(),
})
export type Progress = z.output<typeof Progress>

/** Writes how far an epoch has come, for those who look on from other processes. Nothing depends on it: it is not synced, and may fail. */
export function createProgressFile(folder: string) {
  const path = join(folder, PROGRESS)
  let steps = 0
  let last = performance.now()
  const isOurs = once(() => isFree(path))
  return {
    onTrainBegin(plan) {
      steps = plan.stepsPerEpoch
    },
    async onProgress(epoch, step) {
      const now = performance.now()
      if (now - last < INTERVAL_MS || step === steps) return
      last = now
      if (!(await isOurs())) return
      const progress: Progress = { epoch: epoch + 1, step, steps }
      await writeFile(path, `${JSON.stringify(progress)}\n`).catch(ignore)
    },
    async close() {
      if (await isOurs()) await disk.remove(path).catch(ignore)
    },
  } satisfies Listener
}

/** The beginning of every file of progress. */
const BEGIN = '{"epoch":'

/** True where there is nothing, or what a training has left that was killed; false for a link, and what others wrote. */
async function isFree(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined)
  if (found === undefined) return true
  if (!found.isFile() || found.nlink > 1) return false
  const text = (await readText(path)) ?? ''
  return text !== '' && BEGIN.startsWith(text.slice(0, BEGIN.length))
}

/** The progress of a run, where it has written some. */
export async function readProgress(folder: string): Promise<Progress | undefined> {
  return Progress.safeParse(await readJson(join(folder, PROGRESS))).data
}

function ignore(): void {}
