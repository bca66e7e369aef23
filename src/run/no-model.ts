import { existsSync } from 'node:fs'
import { realpath } from 'node:fs/promises'
import { dirname, join } from 'node:path'

import { RunError } from '../errors.ts'
import { configLike } from '../spec/document/document.ts'
import { quote } from '../wording.ts'
import { runsInside } from './not-a-run.ts'
import { lastNumberedFolder } from './numbered-folder.ts'
import { readRecord } from './record.ts'
import type { RunRecord } from './record.ts'

/** The reason why a run has no model, by the way it ended. */
const REASONS: Readonly<Record<RunRecord['state'], string>> = {
  running: 'its training has not ended, or was killed',
  interrupted: 'its training was interrupted',
  diverged: 'its training diverged',
  failed: 'its training failed',
  completed: 'it was removed',
}

/** The error for a path without a model: of a run, how it ended, and the run beside it that has one. */
export async function noModel(path: string, model: string): Promise<RunError> {
  const record = await readRecord(path).catch(() => undefined)
  if (record === undefined) return notFound(path)
  const folder = await realpath(path)
  const beside = await lastNumberedFolder(dirname(folder), '', (run) => existsSync(join(run, model)))
  const remedy =
    record.state === 'diverged' ? [] : [`\`nnlab train --resume ${folder}\` goes on with it and saves one`]
  const other = beside === undefined ? [] : [`${beside} has one`]
  const hints = [...remedy, ...other]
  return new RunError(`the run ${folder} has no model: ${REASONS[record.state]}`, {
    hint: hints.length > 0 ? hints.join('; ') : 'name another run: `nnlab runs` lists them',
  })
}

function notFound(path: string): RunError {
  const close = configLike(path)
  const meant = close === undefined ? undefined : `did you mean the last run of ${quote(close)}?`
  return new RunError(`there is no model in ${path}`, {
    hint: runsInside(path) ?? meant ?? 'name a run folder such as runs/digits/latest, or a model.json',
  })
}
