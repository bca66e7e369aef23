import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, beforeAll, describe, expect, it } from 'vitest'

import { boardPage } from '../../src/report/page/board/board-page.ts'
import type { BoardRow } from '../../src/report/page/board/board-row.ts'
import { chromiumPath } from './chromium-path.ts'
import { axeFaults, sharedBrowser } from './chromium.ts'
import { folderOf, nnlab } from './support.ts'
import { listening } from './listening.ts'

const CONFIG = `
name: iris
data: {type: csv, path: iris.csv, target: species, features: {scale: standard}, split: {validation: 0.2}}
model: {layers: [{type: dense, units: classes, activation: softmax}]}
compile: {loss: categorical_crossentropy, optimizer: sgd, metrics: [accuracy]}
fit: {epochs: 3}
`

async function train(cwd: string, ...set: string[]): Promise<void> {
  const sets = set.map((one) => `--set=${one}`)
  expect(await nnlab(['train', '--quiet', ...sets], { cwd })).toMatchObject({ code: 0 })
}

let trained = ''
beforeAll(async () => {
  trained = await mkdtemp(join(tmpdir(), 'nnlab-'))
  await writeFile(join(trained, 'nnlab.yaml'), CONFIG)
  await cp('configs/data/iris.csv', join(trained, 'iris.csv'))
  for (const rate of [0.1, 0.01]) await train(trained, `compile.optimizer.learning_rate=${rate}`)
})
afterAll(() => rm(trained, { recursive: true }))

/** A folder with two runs, 001 and 002. */
async function twoRuns(): Promise<string> {
  const cwd = await folderOf()
  await cp(trained, cwd, { recursive: true })
  return cwd
}

describe('board', { timeout: 120_000 }, () => {
  it('lists the runs, opens one, and tells nothing without its token', async () => {
    const { url } = await listening(['board'], trained)
    const page = await (await fetch(url)).text()
    expect(page).toMatch(/data-run="iris\/001".*completed.*3\/3/)
    const other = new URL(url)
    other.searchParams.set('token', 'another')
    expect((await fetch(other)).status).toBe(401)
    const path = (name: string, run: string): URL => {
      const address = new URL(name, url)
      for (const [key, value] of [['run', run], ...new URL(url).searchParams])
        address.searchParams.append(key ?? '', value ?? '')
      return address
    }
    expect(await (await fetch(path('/run', 'iris/001'))).text()).toContain('<svg')
    // Commands are for the folder in which the board was started.
    expect(await (await fetch(path('/report', 'iris/001'))).text()).toContain('nnlab verify runs/iris/001<')
    for (const run of ['../nnlab.yaml', '', '/etc', 'iris/003'])
      expect((await fetch(path('/run', run))).status).toBe(404)
  })

  it('lists a sweep whose trials all failed before they had runs', async () => {
    const cwd = await twoRuns()
    const parameter = 'compile.optimizer.learning_rate=0.1,0.2'
    expect(await nnlab(['sweep', parameter, '--quiet'], { cwd })).toMatchObject({ code: 0 })
    await rm(join(cwd, 'runs', 'iris', 'sweep-001', 'trials'), { recursive: true })
    const { url } = await listening(['board'], cwd)
    expect(await (await fetch(url)).text()).toMatch(/data-run="iris\/sweep-001".*completed.*2 trials/)
    const address = new URL(`/run${new URL(url).search}&run=iris/sweep-001`, url)
    expect(await (await fetch(address)).text()).toContain('compile.optimizer.learning_rate')
  })

  it('refuses what is no folder', async () => {
    const cwd = await folderOf({ file: '' })
    const refused = await nnlab(['board'], { cwd })
    expect([refused.code, refused.stderr]).toEqual([
      6,
      expect.stringContaining('error: there is no folder runs'),
    ])
    expect((await nnlab(['board', 'file'], { cwd })).stderr).toContain('file is not a folder')
  })

  it('sends the rows that change on disk, and how far an epoch has come', async () => {
    const cwd = await twoRuns()
    const { url } = await listening(['board'], cwd)
    await fetch(url)
    const closed = new AbortController()
    const { body } = await fetch(new URL(`/events${new URL(url).search}`, url), { signal: closed.signal })
    const reader = body?.getReader()
    const until = async (wanted: RegExp): Promise<void> => {
      let text = ''
      while (!wanted.test(text)) {
        const { value } = (await reader?.read()) ?? {}
        if (!value) throw new Error(`the events have ended: ${text}`)
        text += Buffer.from(value).toString()
      }
    }
    const run = join(cwd, 'runs/iris/003')
    await cp(join(cwd, 'runs/iris/002'), run, { recursive: true })
    await until(/iris\/003.*completed/s)

    const [history, record] = [join(run, 'history.csv'), join(run, 'run.json')]
    const [head = '', first = ''] = (await readFile(history, 'utf8')).split('\n')
    await writeFile(history, `${head}\n${first}\n`)
    await writeFile(join(run, 'run.lock'), JSON.stringify({ pid: process.pid, host: hostname() }))
    await writeFile(record, (await readFile(record, 'utf8')).replace('"completed"', '"running"'))
    await until(/iris\/003.*<td>1\/3 <progress value=\\"0.3333\\"/s)
    for (const [step, share] of [
      [3, '0.5833'],
      [4, '0.6667'],
    ]) {
      await writeFile(join(run, 'progress.json'), JSON.stringify({ epoch: 2, step, steps: 4 }))
      await until(new RegExp(`<td>1/3, step ${step}/4 <progress value=\\\\"${share}\\\\"`))
    }
    await rm(join(cwd, 'runs/iris/001'), { recursive: true })
    await until(/\{"run":"iris\/001","html":""\}/)
    closed.abort()
  })
})

describe.skipIf(chromiumPath === undefined)(
  'the page of a board (needs Chromium)',
  { timeout: 120_000 },
  () => {
    const open = sharedBrowser()

    it('follows a run while it trains, by clicks', async () => {
      const cwd = await twoRuns()
      const { url } = await listening(['board'], cwd)
      const page = await open({ viewport: { width: 400, height: 900 } })
      const failures: string[] = []
      page.on('pageerror', (error) => failures.push(error.message))
      await page.goto(url)
      await page.getByRole('button', { name: 'iris/002' }).click()
      await page.locator('#opened svg').first().waitFor()

      const training = train(cwd, 'fit.epochs=4000')
      const row = page.locator('tr[data-run="iris/003"]')
      await row.getByText('running').waitFor()
      await page.getByRole('button', { name: 'iris/003' }).focus()
      await page.keyboard.press('Enter')
      await row.getByText('completed').waitFor({ timeout: 60_000 })
      await training
      await page.locator('#opened').getByText('4,000 epochs').waitFor()
      expect(await page.locator('#status').textContent()).toBe('3 of 3 rows shown, 0 running')
      // Its row was replaced again and again; the keyboard is still on it.
      expect(await page.evaluate('document.activeElement.textContent')).toBe('iris/003')

      await page.getByLabel('Filter').fill('002')
      expect(await page.locator('#runs tr:visible').count()).toBe(1)
      await page.getByLabel('Filter').fill('')
      await page.getByLabel('Select iris/001').check()
      await page.getByLabel('Select iris/002').check()
      const [compared] = await Promise.all([
        page.waitForEvent('popup'),
        page.getByRole('button', { name: 'Compare' }).click(),
      ])
      await compared.getByText('What differs, and what it did').waitFor()
      expect(await axeFaults(page, 'all')).toEqual([])
      expect(failures).toEqual([])
    })

    it('takes no more memory the longer an open run goes on', async () => {
      const cwd = await twoRuns()
      const run = join(cwd, 'runs/iris/002')
      const [history, record, spec] = [
        join(run, 'history.csv'),
        join(run, 'run.json'),
        join(run, 'spec.json'),
      ]
      const [head = '', ...rows] = (await readFile(history, 'utf8')).trimEnd().split('\n')
      const grown = (epochs: number): Promise<void> => {
        const lines = Array.from({ length: epochs }, (_, i) => rows[i % 3]?.replace(/^\d+/, String(i + 1)))
        return writeFile(history, `${[head, ...lines].join('\n')}\n`)
      }
      await writeFile(spec, (await readFile(spec, 'utf8')).replace('"epochs": 3', '"epochs": 2000'))
      await writeFile(join(run, 'run.lock'), JSON.stringify({ pid: process.pid, host: hostname() }))
      await writeFile(record, (await readFile(record, 'utf8')).replace('"completed"', '"running"'))
      await grown(10)

      const { url } = await listening(['board'], cwd)
      const page = await open()
      await page.goto(url)
      await page.getByRole('button', { name: 'iris/002' }).click()
      await page.locator('#opened svg').first().waitFor()
      const browser = await page.context().newCDPSession(page)
      const used = async (): Promise<number> => {
        for (let i = 0; i < 2; i++) await browser.send('HeapProfiler.collectGarbage')
        return (await browser.send('Runtime.getHeapUsage')).usedSize
      }
      const sizes: number[] = []
      for (let epochs = 200; epochs <= 2000; epochs += 200) {
        await grown(epochs)
        await page.locator('tr[data-run="iris/002"]').getByText(`${epochs}/2000`).waitFor()
        if (epochs === 200 || epochs === 2000) sizes.push(await used())
      }
      expect((sizes[1] ?? NaN) / (sizes[0] ?? NaN)).toBeLessThan(1.1)
    })

    it('shows 200 of 1,000 rows at a time, and trials when they are asked for', async () => {
      const rows = Array.from({ length: 1000 }, (_, i): BoardRow => ({
        name: `net/${String(i + 1).padStart(4, '0')}`,
        kind: i % 4 === 0 ? 'trial' : 'run',
        state: i === 999 ? 'running' : i === 998 ? 'diverged' : 'completed',
        done: '3/3',
        best: '',
        started: new Date(1_700_000_000_000 + 60_000 * i).toISOString(),
      }))
      const page = await open()
      const body = boardPage('runs', rows, 'nonce')
      // Its requests for events stay open.
      await page.route('http://board/?*', (route) => route.fulfill({ contentType: 'text/html', body }))
      await page.route('http://board/events?*', () => undefined)
      await page.goto('http://board/?token=any')
      const shown = page.locator('#runs tr:visible')
      const more = page.getByRole('button', { name: 'Show more' })
      const status = page.locator('#status')
      await expect.poll(() => shown.count()).toBe(200)
      expect(await shown.first().textContent()).toContain('net/1000')
      for (const count of [400, 600, 750]) {
        await more.click()
        expect(await shown.count()).toBe(count)
      }
      expect(await more.isVisible()).toBe(false)
      await page.getByLabel('their trials').check()
      expect(await shown.count()).toBe(800)
      await page.getByLabel('Filter').fill('net/001')
      expect(await shown.count()).toBe(10)
      expect(await status.textContent()).toBe('10 of 1000 rows shown, 1 running')
      await page.getByLabel('Filter').fill('diverged')
      expect(await axeFaults(page, 'contrast')).toEqual([])
    })
  },
)
