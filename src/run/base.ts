import { join } from 'node:path'

import { RunError } from '../errors.ts'
import { sha256 } from '../sha256.ts'
import type { TrainingState } from '../train/training-state.ts'
import { writeFilesAtomic, writeFolderAtomic } from './atomic.ts'
import { readCheckpoint } from './checkpoint.ts'
import type { CheckpointOrigin } from './checkpoint.ts'
import { CHECKPOINT_FILES, MANIFEST, readManifest } from './checkpoint-files.ts'
import type { FileSystem } from './files.ts'
import { modelFiles } from './model-files.ts'
import type { SavedModel } from './model-files.ts'
import type { RunRecord } from './record.ts'
import { readRegularFile } from '../regular-file.ts'

/** The folder, in that of a fork, of the checkpoint that it started from. */
export const BASE = 'base'

/** The folder, in that of a run, of the model whose layers or weights it started from. */
export const BASE_MODEL = 'base-model'

/** Keeps the part that a run takes of a model in its folder. */
export function copyModel(model: SavedModel, folder: string, files: FileSystem): Promise<void> {
  return writeFilesAtomic(join(folder, BASE_MODEL), modelFiles(model).files, files)
}

/** Copies a checkpoint into the folder of the run that starts from it; returns what identifies it. */
export async function copyBase(
  checkpoint: string,
  folder: string,
  files: FileSystem,
): Promise<NonNullable<RunRecord['base']>> {
  const contents = new Map<string, Uint8Array>()
  for (const name of CHECKPOINT_FILES) contents.set(name, await readRegularFile(join(checkpoint, name)))
  await writeFolderAtomic(join(folder, BASE), contents, files)
  return { checkpoint, sha256: sha256(contents.get(MANIFEST) ?? new Uint8Array()) }
}

/** The checkpoint that a run started from, of any run, with all slots that it has; undefined where it started from none. */
export async function readBase(
  folder: string,
  { base }: Pick<RunRecord, 'base'>,
  sizes: CheckpointOrigin['sizes'],
): Promise<TrainingState | undefined> {
  if (base === undefined) return undefined
  const copy = join(folder, BASE)
  const manifest = await readManifest(join(copy, MANIFEST))
  // The manifest has the checksums of the other files.
  if (sha256(manifest) !== base.sha256) {
    throw new RunError(`${join(copy, MANIFEST)} is damaged: its SHA-256 differs from the one in run.json`)
  }
  return readCheckpoint(copy, { sizes })
}
