import { existsSync } from 'node:fs'
import { cp, rm } from 'node:fs/promises'
import { join } from 'node:path'

import axe from 'axe-core'
import { chromium } from 'playwright-core'
import { describe, expect, it } from 'vitest'

import { folderOf, nnlab } from './support.ts'
import { listening } from './listening.ts'

const browser = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync)

async function trained(...rates: number[]): Promise<string> {
  const cwd = await folderOf({
    'nnlab.yaml': `
name: iris
data: {type: csv, path: iris.csv, target: species, features: {scale: standard}, split: {validation: 0.2}}
model: {layers: [{type: dense, units: classes, activation: softmax}]}
compile: {loss: categorical_crossentropy, optimizer: sgd, metrics: [accuracy]}
fit: {epochs: 3}
`,
  })
  await cp('configs/data/iris.csv', join(cwd, 'iris.csv'))
  for (const rate of rates) await train(cwd, `compile.optimizer.learning_rate=${rate}`)
  return cwd
}

async function train(cwd: string, ...set: string[]): Promise<void> {
  const sets = set.map((one) => `--set=${one}`)
  expect(await nnlab(['train', '--quiet', ...sets], { cwd })).toMatchObject({ code: 0 })
}

describe('board', { timeout: 120_000 }, () => {
  it('lists the runs, opens one, and tells nothing without its token', async () => {
    const cwd = await trained(0.1)
    const { url } = await listening(['board'], cwd)
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
    for (const run of ['../nnlab.yaml', '', '/etc', 'iris/002'])
      expect((await fetch(path('/run', run))).status).toBe(404)
  })

  it('refuses what is no folder', async () => {
    const cwd = await folderOf({ file: '' })
    const refused = await nnlab(['board'], { cwd })
    expect([refused.code, refused.stderr]).toEqual([
      6,
      expect.stringContaining('error: runs is no folder here'),
    ])
    expect((await nnlab(['board', 'file'], { cwd })).stderr).toContain('file is not a folder')
  })

  it('sends the rows that change on disk', async () => {
    const cwd = await trained(0.1)
    const { url } = await listening(['board'], cwd)
    await fetch(url)
    const closed = new AbortController()
    const { body } = await fetch(new URL(`/events${new URL(url).search}`, url), { signal: closed.signal })
    const reader = body?.getReader()
    const next = async (): Promise<string> => {
      const { value } = (await reader?.read()) ?? {}
      if (!value) throw new Error('the events have ended')
      return Buffer.from(value).toString()
    }
    await train(cwd, 'fit.epochs=2')
    let text = ''
    while (!/iris\/002.*completed/s.test(text)) text += await next()
    await rm(join(cwd, 'runs/iris/001'), { recursive: true })
    text = ''
    while (!text.includes('{"run":"iris/001","html":""}')) text += await next()
    closed.abort()
  })

  it.skipIf(!browser)('follows a run while it trains, by clicks', async () => {
    const cwd = await trained(0.1, 0.01)
    const { url } = await listening(['board'], cwd)
    const opened = await chromium.launch({ executablePath: browser ?? '', args: ['--no-sandbox'] })
    try {
      const page = await opened.newPage({ viewport: { width: 400, height: 900 }, bypassCSP: true })
      const failures: string[] = []
      page.on('pageerror', (error) => failures.push(error.message))
      await page.goto(url)
      await page.getByRole('button', { name: 'iris/002' }).click()
      await page.locator('#opened svg').first().waitFor()

      const training = train(cwd, 'fit.epochs=4000')
      const row = page.locator('tr[data-run="iris/003"]')
      await row.getByText('running').waitFor()
      await page.getByRole('button', { name: 'iris/003' }).click()
      await row.getByText('completed').waitFor({ timeout: 60_000 })
      await training
      await page.locator('#opened').getByText('4,000 epochs').waitFor()
      expect(await page.locator('#status').textContent()).toBe('3 of 3 rows shown, 0 running')

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

      await page.addScriptTag({ content: axe.source })
      const found = await page.evaluate<{ violations: { id: string }[] }>('axe.run()')
      expect(found.violations.map(({ id }) => id)).toEqual([])
      expect(failures).toEqual([])
    } finally {
      await opened.close()
    }
  })
})
