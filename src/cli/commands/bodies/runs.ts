import { relative, resolve } from 'node:path'

import * as z from 'zod'

import { ExitCode } from '../../../errors.ts'
import { isBetter } from '../../../components/callbacks/improvement.ts'
import { duration, figure } from '../../../report/text/format.ts'
import { table } from '../../../report/text/table.ts'
import { listRuns } from '../../../run/catalog.ts'
import type { CatalogEntry } from '../../../run/catalog.ts'
import type { Io } from '../../io.ts'
import { widthOf } from '../../io.ts'

export type RunsOptions = { readonly folder: string; readonly json: boolean }

/** Lists runs with their state and their best epoch. */
export async function runs({ folder, json }: RunsOptions, io: Io): Promise<number> {
  const found = (await listRuns(resolve(io.cwd, folder), process)).map((entry) => describe(entry, io.cwd))
  if (json) io.stdout.write(`${JSON.stringify({ runs: found })}\n`)
  else if (found.length === 0) io.stdout.write(`no runs in ${folder}\n`)
  else {
    const rows = found.map(({ run, state, epochs, best, seconds, started }) => [
      run,
      state,
      epochs.wanted === undefined ? String(epochs.done) : `${epochs.done}/${epochs.wanted}`,
      best === undefined ? '-' : `${best.figure} ${figure(best.value)} (epoch ${best.epoch})`,
      seconds === undefined ? '-' : duration(seconds),
      started.slice(0, 16).replace('T', ' '),
    ])
    const header = ['run', 'state', 'epochs', 'best', 'time', 'started']
    const text = table(header, rows, ['left', 'left', 'right', 'left', 'right', 'left'], widthOf(io.stdout))
    io.stdout.write(`${text}\n`)
  }
  return ExitCode.done
}

const Wanted = z.object({
  fit: z.object({ epochs: z.int() }),
  checkpoint: z.object({ monitor: z.string(), mode: z.enum(['auto', 'min', 'max']) }),
})

function describe({ folder, record, state, history, spec }: CatalogEntry, cwd: string) {
  const wanted = Wanted.safeParse(spec).data
  const best = bestOf(history.figures, history.epochs, wanted?.checkpoint)
  return {
    run: relative(cwd, folder) || '.',
    state,
    epochs: { done: history.epochs.length, ...(wanted && { wanted: wanted.fit.epochs }) },
    ...(best && { best }),
    ...(record.seconds !== undefined && { seconds: record.seconds }),
    started: record.started,
    engine: record.engine,
    ...(record.metrics && { metrics: record.metrics }),
    ...(record.test && { test: record.test }),
  }
}

/** The best epoch, from 1, by the figure that the checkpoints follow, else by the validation's loss, else by the loss. */
function bestOf(
  figures: readonly string[],
  epochs: readonly (readonly string[])[],
  checkpoint: z.output<typeof Wanted>['checkpoint'] | undefined,
): { figure: string; value: number; epoch: number } | undefined {
  const followed = [checkpoint?.monitor, 'val_loss', 'loss'].find((name) => figures.includes(name ?? ''))
  if (followed === undefined) return undefined
  const better = isBetter(followed, followed === checkpoint?.monitor ? checkpoint.mode : 'auto')
  const column = figures.indexOf(followed)
  let best: { figure: string; value: number; epoch: number } | undefined
  for (const [i, values] of epochs.entries()) {
    const value = Number(values[column])
    if (better(value, best?.value)) best = { figure: followed, value, epoch: i + 1 }
  }
  return best
}
