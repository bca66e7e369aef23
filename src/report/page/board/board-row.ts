import type { WatchedRun } from '../../../run/watch.ts'
import { overviewOf } from '../../../run/overview.ts'
import type { GroupOverview } from '../../../sweep/group-overview.ts'
import { duration, minuteOf } from '../../text/format.ts'
import { groupResult, trialsDone } from '../../text/groups.ts'
import { bestEpoch, epochsDone } from '../../text/runs.ts'
import { documentOf, markup } from '../html.ts'
import type { Html } from '../html.ts'

/** A line of the board. */
export type BoardRow = {
  /** The path of its folder from that of the board. */
  readonly name: string
  /** Trials are hidden until they are asked for; groups are reported as wholes and compared with nothing. */
  readonly kind: 'run' | 'trial' | 'group'
  readonly state: string
  readonly done: string
  /** The share that is done while it trains, from 0 to 1. */
  readonly share?: number
  readonly best: string
  readonly seconds?: number
  readonly started: string
}

export function runRow(name: string, run: WatchedRun, isTrial: boolean): BoardRow {
  const { state, epochs, best, seconds, started } = overviewOf(run)
  const { done, wanted } = epochs
  // Between two epochs, the file may still be of the one before.
  const progress = run.progress && run.progress.epoch > done ? run.progress : undefined
  const part = progress ? progress.step / progress.steps : 0
  const of = epochsDone(epochs)
  return {
    name,
    kind: isTrial ? 'trial' : 'run',
    state,
    done: progress ? `${of}, step ${progress.step}/${progress.steps}` : of,
    ...(state === 'running' && wanted !== undefined && { share: (done + part) / wanted }),
    best: bestEpoch(best),
    ...(seconds !== undefined && { seconds }),
    started,
  }
}

export function groupRow(name: string, group: GroupOverview): BoardRow {
  const { state, trials, started, ended } = group
  const { done, all } = trials
  const seconds = ended === undefined ? NaN : (Date.parse(ended) - Date.parse(started)) / 1000
  return {
    name,
    kind: 'group',
    state,
    done: trialsDone(group),
    ...(state === 'running' && all !== undefined && { share: done / all }),
    best: groupResult(group),
    // A clock may have been set back in between.
    ...(seconds >= 0 && { seconds }),
    started,
  }
}

/** The row of the table. */
export function boardRow({ name, kind, state, done, share, best, seconds, started }: BoardRow): Html {
  const progress =
    share === undefined
      ? ''
      : markup` <progress value="${share.toFixed(4)}" aria-label="Progress of ${name}"></progress>`
  const select = kind === 'group' ? '' : markup`<input type="checkbox" aria-label="Select ${name}">`
  return markup`<tr data-run="${name}" data-kind="${kind}"><td>${select}</td><td><button type="button" class="link">${name}</button></td><td class="${state}">${state}</td><td>${done}${progress}</td><td>${best}</td><td>${seconds === undefined ? '' : duration(seconds)}</td><td>${minuteOf(started)}</td></tr>`
}

/** The same as text. */
export function boardRowText(row: BoardRow): string {
  return documentOf(boardRow(row))
}
