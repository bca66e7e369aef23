import { join } from 'node:path'

import { countParameters } from '../model/graph.ts'
import { removeFiles, writeFilesAtomic } from '../run/atomic.ts'
import { BASE, BASE_MODEL } from '../run/base.ts'
import { CHECKPOINT_FILES } from '../run/checkpoint-files.ts'
import { disk } from '../run/files.ts'
import { CONFIGS } from '../run/folder.ts'
import { MODEL_FILES } from '../run/model-files.ts'
import { readRecord, recordFile } from '../run/record.ts'
import type { RunRecord } from '../run/record.ts'
import type { TrainingState } from '../train/training-state.ts'
import type { RunEnvironment } from './environment.ts'
import type { Training } from './training.ts'

/** A run in its folder. */
export type SavedRun = { readonly folder: string; readonly record: RunRecord }

/** A run whose folder is locked, ready to be trained. */
export type ReadyRun = SavedRun & {
  readonly training: Training
  readonly resumed: boolean
  /** The state to continue from; undefined for the beginning. */
  readonly from: TrainingState | undefined
  readonly unlock: () => Promise<void>
}

/** A run that is about to be trained. */
export type BegunRun = {
  /** The absolute path of its folder. */
  readonly run: string
  readonly name: string
  readonly resumed: boolean
  readonly rows: { readonly train: number; readonly validation: number; readonly test: number }
  readonly parameters: number
  /** Engine, arithmetic and threads, in words. */
  readonly engine: string
}

export function begunRun({ folder, record, resumed, training: { experiment, engine } }: ReadyRun): BegunRun {
  const { trainable, fixed } = countParameters(experiment.graph)
  return {
    run: folder,
    name: experiment.spec.name,
    resumed,
    rows: record.data.rows,
    parameters: trainable + fixed,
    engine: engine.description,
  }
}

/** Writes the files that describe a run; the record comes last: with it, the folder is a run. */
export async function describeRun(run: ReadyRun, { files = disk }: RunEnvironment): Promise<void> {
  const { folder, record, resumed, training } = run
  const { ended: _ended, ...begun } = record
  try {
    const [name, text] = recordFile(resumed ? { ...begun, state: 'running' } : record)
    await writeFilesAtomic(folder, new Map([...configsOf(folder, training), [name, text]]), files)
  } catch (error) {
    // A folder that did not become a run is left empty, as it was found.
    if ((await readRecord(folder)) === undefined) {
      for (const name of CONFIGS) await files.remove(join(folder, name))
      await removeFiles(join(folder, BASE), CHECKPOINT_FILES, files)
      await removeFiles(join(folder, BASE_MODEL), MODEL_FILES, files)
    }
    throw error
  }
}

const [CONFIG, SPEC] = CONFIGS

/** The files of a config by their names. */
function configsOf(folder: string, { experiment }: Training): ReadonlyMap<string, string> {
  const { document, spec } = experiment
  const config = document.sources.get(document.file)
  const isOther = document.file !== join(folder, SPEC)
  return new Map([
    ...(isOther && config !== undefined ? [[CONFIG, config] as const] : []),
    [SPEC, `${JSON.stringify(spec, null, 2)}\n`],
  ])
}
