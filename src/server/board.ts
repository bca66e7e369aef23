// The board: the runs below a folder as they are on disk, in a page that follows them.

import { randomBytes } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { relative, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'

import { report } from '../core/report.ts'
import { trialRuns } from '../core/group-report.ts'
import { reportedRun } from '../core/reported-run.ts'
import type { HostOptions } from '../core/environment.ts'
import { RunError } from '../errors.ts'
import { boardGroup, boardPage, boardRun } from '../report/page/board/board-page.ts'
import { boardRowText, groupRow, runRow } from '../report/page/board/board-row.ts'
import type { BoardRow } from '../report/page/board/board-row.ts'
import { reportPage } from '../report/page/report-page.ts'
import { overviewOf } from '../run/overview.ts'
import { groupFolder } from '../run/catalog.ts'
import type { CatalogEntry } from '../run/catalog.ts'
import { RunWatch } from '../run/watch.ts'
import type { WatchedRun } from '../run/watch.ts'
import { groupFolders, groupOverview } from '../sweep/group-overview.ts'
import { readTrialGroup } from '../sweep/trial-group.ts'
import { HttpError } from './http.ts'
import type { Route } from './http.ts'

export type BoardOptions = HostOptions & {
  readonly cwd: string
  /** The folder that holds the runs. */
  readonly folder: string
  readonly token: string
  /** Receives errors that are bugs. */
  readonly onBug: (error: unknown) => void
}

/** Milliseconds between two looks at the disk. */
const PAUSE = 400
const HTML = 'text/html; charset=utf-8'

/** Throws where there is no folder: a misspelled one would look like one without runs. */
export async function requireFolder(folder: string, cwd: string): Promise<void> {
  const found = await stat(resolve(cwd, folder)).catch(() => undefined)
  if (found?.isDirectory()) return
  throw new RunError(found ? `${folder} is not a folder` : `there is no folder ${folder}`, {
    hint: 'name the folder that holds the runs, which `nnlab train` makes',
  })
}

/** The row of a run or a group on the board; empty where it is gone. */
type RowChange = { readonly run: string; readonly html: string }

/** Runs below a folder, and those who follow them. */
class Board {
  readonly base: string
  readonly #host: HostOptions['process']
  readonly #watch: RunWatch
  /** The rows of runs, each of which is another object when it has changed. */
  readonly #rows = new WeakMap<WatchedRun, BoardRow>()
  /** The rows of groups as they were last looked at, by folder. */
  readonly #groups = new Map<string, BoardRow>()
  readonly #listeners = new Set<(changes: readonly RowChange[]) => void>()
  #isFollowing = false

  constructor(base: string, host: HostOptions['process']) {
    this.base = base
    this.#host = host
    this.#watch = new RunWatch(base, host)
  }

  /** All rows: those of runs, and those of sweeps, cross-validations and seeds, which have trials. */
  async rows(): Promise<BoardRow[]> {
    await this.#watch.look()
    const { runs } = this.#watch
    const groups = groupsOf(runs.map(({ folder }) => folder))
    await this.#lookAtGroups(new Set([...groups, ...(await groupFolders(this.base))]))
    return [...runs.map((run) => this.#rowOf(run)), ...this.#groups.values()]
  }

  run(name: string): CatalogEntry | undefined {
    return this.#watch.run(resolve(this.base, name))
  }

  /** The folder of a run or of a group that a request names. */
  folderOf(name: string): string {
    const folder = resolve(this.base, name)
    if (this.#watch.run(folder) || this.#groups.has(folder)) return folder
    throw new HttpError(404, `there is no run ${name}`)
  }

  /** Calls back at each change until the signal ends it; resolves when nobody listens any more. */
  async follow(listener: (changes: readonly RowChange[]) => void, closed: AbortSignal): Promise<void> {
    this.#listeners.add(listener)
    closed.addEventListener('abort', () => {
      this.#listeners.delete(listener)
    })
    if (this.#isFollowing) return
    this.#isFollowing = true
    while (this.#listeners.size > 0) {
      const changes = await this.#changes()
      if (changes.length > 0) for (const each of this.#listeners) each(changes)
      await sleep(PAUSE)
    }
    this.#isFollowing = false
  }

  /** The rows of runs and groups that have changed since the last look. */
  async #changes(): Promise<RowChange[]> {
    const changed = await this.#watch.look()
    const before = new Map(this.#groups)
    // The end of a group changes none of its runs.
    const running = [...before].flatMap(([folder, { state }]) => (state === 'running' ? folder : []))
    const groups = new Set([...running, ...groupsOf(changed)])
    await this.#lookAtGroups(groups)
    return [
      ...changed.map((folder) => {
        const run = this.#watch.run(folder)
        return this.#change(folder, run && this.#rowOf(run))
      }),
      ...[...groups]
        .filter((folder) => !isDeepStrictEqual(before.get(folder), this.#groups.get(folder)))
        .map((folder) => this.#change(folder, this.#groups.get(folder))),
    ]
  }

  #change(folder: string, row: BoardRow | undefined): RowChange {
    return { run: relative(this.base, folder), html: row ? boardRowText(row) : '' }
  }

  #rowOf(run: WatchedRun): BoardRow {
    const known = this.#rows.get(run)
    if (known) return known
    const row = runRow(relative(this.base, run.folder), run, groupFolder(run.folder) !== undefined)
    this.#rows.set(run, row)
    return row
  }

  async #lookAtGroups(folders: Iterable<string>): Promise<void> {
    for (const folder of folders) {
      const trials = this.#watch.runs.filter((run) => groupFolder(run.folder) === folder)
      const group = await groupOverview(folder, trials, this.#host)
      if (group) this.#groups.set(folder, groupRow(relative(this.base, folder), group))
      else this.#groups.delete(folder)
    }
  }
}

/** The folders of the groups that runs are trials of. */
function groupsOf(runs: readonly string[]): Set<string> {
  return new Set(runs.map(groupFolder).filter((folder) => folder !== undefined))
}

export function boardRoutes(options: BoardOptions): Route[] {
  const { folder, token, onBug } = options
  const board = new Board(resolve(options.cwd, folder), options.process)
  return [
    {
      method: 'GET',
      path: '/',
      async answer() {
        const nonce = randomBytes(16).toString('base64')
        const policy = `default-src 'none'; style-src 'unsafe-inline'; script-src 'nonce-${nonce}'; connect-src 'self'; img-src data:; frame-ancestors 'none'; base-uri 'none'`
        const body = boardPage(folder, await board.rows(), nonce)
        return { type: HTML, body, headers: { 'content-security-policy': policy } }
      },
    },
    {
      method: 'GET',
      path: '/events',
      answer: () => ({
        events(send, closed) {
          board
            .follow((changes) => {
              send('runs', changes)
            }, closed)
            .catch(onBug)
        },
      }),
    },
    {
      method: 'GET',
      path: '/run',
      async answer({ query }) {
        const name = query.get('run') ?? ''
        const found = board.folderOf(name)
        const address = `/report?${new URLSearchParams({ run: name, token }).toString()}`
        const run = board.run(name)
        if (run)
          return {
            type: HTML,
            body: boardRun(name, await reportedRun(run, { ...overviewOf(run), differing: {} }), address),
          }
        const group = await readTrialGroup(found)
        if (!group) throw new HttpError(404, `there is no run ${name}`)
        const runs = await trialRuns(group, options.process)
        return { type: HTML, body: boardGroup(name, { runs }, group, options.cwd, address) }
      },
    },
    {
      method: 'GET',
      path: '/report',
      async answer({ query }) {
        const runs = query.getAll('run').map((name) => board.folderOf(name))
        const found = await report({ ...options, runs })
        return { type: HTML, body: reportPage(found, options.cwd) }
      },
    },
  ]
}
