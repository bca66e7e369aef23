// The board: the runs below a folder as they are on disk, in a page that follows them.

import { randomBytes } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { relative, resolve, sep } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { report } from '../core/report.ts'
import { reportedRun } from '../core/reported-run.ts'
import type { HostOptions } from '../core/environment.ts'
import { RunError } from '../errors.ts'
import { boardPage, boardRow, boardRun } from '../report/page/board/board-page.ts'
import type { BoardRun } from '../report/page/board/board-page.ts'
import { reportPage } from '../report/page/report-page.ts'
import { overviewOf } from '../run/overview.ts'
import type { CatalogEntry } from '../run/catalog.ts'
import { RunWatch } from '../run/watch.ts'
import { HttpError } from './http.ts'
import type { HttpRequest, Route } from './http.ts'

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
  throw new RunError(`${folder} is ${found ? 'not a folder' : 'no folder here'}`, {
    hint: 'name the folder that holds the runs, which `nnlab train` makes',
  })
}

/** The row of a run on the board; empty where the run is gone. */
type RowChange = { readonly run: string; readonly html: string }

/** Runs below a folder, and those who follow them. */
class Board {
  readonly base: string
  readonly #watch: RunWatch
  readonly #listeners = new Set<(changes: readonly RowChange[]) => void>()
  #isFollowing = false

  constructor(base: string, host: HostOptions['process']) {
    this.base = base
    this.#watch = new RunWatch(base, host)
  }

  async runs(): Promise<BoardRun[]> {
    await this.#watch.look()
    return this.#watch.runs.map((entry) => this.named(entry))
  }

  named(entry: CatalogEntry): BoardRun {
    const name = relative(this.base, entry.folder)
    const overview = { ...overviewOf(entry), differing: {} }
    return { name, isTrial: name.split(sep).includes('trials'), overview }
  }

  /** The runs that a request names. */
  entries({ query }: HttpRequest): CatalogEntry[] {
    return query.getAll('run').map((name) => {
      const entry = this.#watch.run(resolve(this.base, name))
      if (entry) return entry
      throw new HttpError(404, `there is no run ${name}`)
    })
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
      const changes = (await this.#watch.look()).map((folder) => this.#changeOf(folder))
      if (changes.length > 0) for (const each of this.#listeners) each(changes)
      await sleep(PAUSE)
    }
    this.#isFollowing = false
  }

  #changeOf(folder: string): RowChange {
    const entry = this.#watch.run(folder)
    return { run: relative(this.base, folder), html: entry ? boardRow(this.named(entry)) : '' }
  }
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
        const body = boardPage(folder, await board.runs(), nonce)
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
      async answer(request) {
        const [entry] = board.entries(request)
        if (!entry) throw new HttpError(404, 'name a run')
        const { name, overview } = board.named(entry)
        const address = `/report?${new URLSearchParams({ run: name, token }).toString()}`
        return { type: HTML, body: boardRun(name, await reportedRun(entry, overview), address) }
      },
    },
    {
      method: 'GET',
      path: '/report',
      async answer(request) {
        const runs = board.entries(request)
        const found = await report({ ...options, runs: runs.map((run) => run.folder) })
        return { type: HTML, body: reportPage(found, board.base) }
      },
    },
  ]
}
