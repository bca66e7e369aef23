// The board: the runs below a folder as they are on disk, in a page that follows them.

import { randomBytes } from 'node:crypto'
import { relative, resolve, sep } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { report, reportedRun } from '../core/report.ts'
import type { HostOptions } from '../core/environment.ts'
import { boardPage, boardRow, boardRun } from '../report/page/board/board-page.ts'
import type { BoardRun } from '../report/page/board/board-page.ts'
import { reportPage } from '../report/page/report-page.ts'
import { overviewOf } from '../run/overview.ts'
import type { CatalogEntry } from '../run/catalog.ts'
import { RunWatch } from '../run/watch.ts'
import { HttpError } from './http.ts'
import type { Request, Route } from './http.ts'

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

type Change = { readonly run: string; readonly html: string }

export function boardRoutes(options: BoardOptions): Route[] {
  const { folder, token } = options
  const base = resolve(options.cwd, folder)
  const watch = new RunWatch(base, options.process)
  const named = (entry: CatalogEntry): BoardRun => {
    const name = relative(base, entry.folder)
    return {
      name,
      isTrial: name.split(sep).includes('trials'),
      overview: { ...overviewOf(entry), differing: {} },
    }
  }
  const listeners = new Set<(changes: readonly Change[]) => void>()
  let isFollowing = false
  /** Follows the disk while somebody listens. */
  const follow = async (): Promise<void> => {
    if (isFollowing) return
    isFollowing = true
    while (listeners.size > 0) {
      const changes = (await watch.look()).map((path): Change => {
        const entry = watch.run(path)
        return { run: relative(base, path), html: entry ? boardRow(named(entry)) : '' }
      })
      if (changes.length > 0) for (const listener of listeners) listener(changes)
      await sleep(PAUSE)
    }
    isFollowing = false
  }
  const entriesOf = ({ query }: Request): CatalogEntry[] =>
    query.getAll('run').map((name) => {
      const entry = watch.run(resolve(base, name))
      if (entry) return entry
      throw new HttpError(404, `there is no run ${name} below ${folder}`)
    })

  return [
    {
      method: 'GET',
      path: '/',
      async answer() {
        await watch.look()
        const nonce = randomBytes(16).toString('base64')
        const policy = `default-src 'none'; style-src 'unsafe-inline'; script-src 'nonce-${nonce}'; connect-src 'self'; img-src data:; frame-ancestors 'none'; base-uri 'none'`
        const body = boardPage(folder, watch.runs.map(named), nonce)
        return { type: HTML, body, headers: { 'content-security-policy': policy } }
      },
    },
    {
      method: 'GET',
      path: '/events',
      answer: () => ({
        events(send, closed) {
          const listener = (changes: readonly Change[]): void => {
            send('runs', changes)
          }
          listeners.add(listener)
          closed.addEventListener('abort', () => {
            listeners.delete(listener)
          })
          follow().catch(options.onBug)
        },
      }),
    },
    {
      method: 'GET',
      path: '/run',
      async answer(request) {
        const [entry] = entriesOf(request)
        if (!entry) throw new HttpError(404, 'name a run')
        const { name, overview } = named(entry)
        const address = `/report?${new URLSearchParams({ run: name, token }).toString()}`
        return { type: HTML, body: boardRun(name, await reportedRun(entry, overview), address) }
      },
    },
    {
      method: 'GET',
      path: '/report',
      async answer(request) {
        const entries = entriesOf(request)
        const found = await report({ ...options, runs: entries.map((entry) => entry.folder) })
        const names = entries.map((entry) => relative(base, entry.folder))
        return { type: HTML, body: reportPage(found, names) }
      },
    },
  ]
}
