import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

import type { Page } from 'playwright-core'
import { afterAll, describe, expect, it } from 'vitest'
import * as z from 'zod'

import { chromiumPath } from '../cli/chromium-path.ts'
import { axeFaults, sharedBrowser } from '../cli/chromium.ts'
import { nnlab } from '../cli/support.ts'
import { KINDS } from './kinds.ts'

const open = sharedBrowser()
let opened: Promise<Page> | undefined

/** Texts of drawings that are cut off at an edge. */
const OUTSIDE = `Array.from(document.querySelectorAll('svg text'), (text) => {
  const [own, all] = [text, text.closest('svg')].map((one) => one.getBoundingClientRect())
  const isInside = own.left > all.left - 2 && own.right < all.right + 2 && own.top > all.top - 2 && own.bottom < all.bottom + 2
  return isInside ? '' : text.textContent
}).filter(Boolean)`

/** Looks at a page on a phone. */
async function expectReadable(html: string): Promise<void> {
  const page = await (opened ??= open({ viewport: { width: 400, height: 900 } }))
  await page.setContent(html)
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(400)
  expect(await page.evaluate(OUTSIDE)).toEqual([])
  // Reports have the same colors, whose contrast another test looks at.
  expect(await axeFaults(page, 'all but contrast')).toEqual([])
}

/** Folders of models that tests share, by their kinds. */
const shared = new Map<string, Promise<string>>()
afterAll(async () => {
  for (const folder of shared.values()) await rm(await folder, { recursive: true })
})

function trained(kind: string): Promise<string> {
  const make = async (): Promise<string> => {
    const { config = '', files } = KINDS[kind] ?? {}
    const cwd = await mkdtemp(join(tmpdir(), 'nnlab-'))
    for (const [name, content] of Object.entries({ 'nnlab.yaml': config, ...files })) {
      await mkdir(dirname(join(cwd, name)), { recursive: true })
      await writeFile(join(cwd, name), content)
    }
    const { code, stderr } = await nnlab(['train', 'nnlab.yaml', '--quiet'], { cwd })
    expect(code, stderr).toBe(0)
    return cwd
  }
  const known = shared.get(kind) ?? make()
  shared.set(kind, known)
  return known
}

/** What a number or a value that was forgotten looks like. */
const FORGOTTEN = /.{0,40}(\bNaN\b|\bundefined\b|\[object|\bInfinity\b).{0,20}/

describe('a report, and evaluate --explain', { timeout: 120_000 }, () => {
  it.each(Object.keys(KINDS))('of %s show no forgotten value and are readable', async (kind) => {
    const cwd = await trained(kind)
    for (const argv of [
      ['report', '-o', 'report.html'],
      ['evaluate', '--explain'],
    ]) {
      const [command = '', ...rest] = argv
      const { code, stdout, stderr } = await nnlab([command, 'nnlab.yaml', ...rest, '--quiet'], { cwd })
      expect(code, stderr).toBe(0)
      expect(FORGOTTEN.exec(stdout)?.[0]).toBeUndefined()
    }
    const page = await readFile(join(cwd, 'report.html'), 'utf8')
    expect(FORGOTTEN.exec(page)?.[0]).toBeUndefined()
    expect(page.length).toBeLessThan(1_000_000)
    if (chromiumPath !== undefined) await expectReadable(page)
  })
})

const Document = z.object({
  findings: z.array(z.object({ text: z.string() })),
  evaluation: z.object({
    intervals: z.record(z.string(), z.unknown()),
    partial_dependence: z.array(z.unknown()),
  }),
  distributions: z.array(
    z.object({
      column: z.string(),
      edges: z.array(z.number()),
      shares: z.object({ train: z.array(z.number()) }),
    }),
  ),
})

async function documentOf(kind: string) {
  const argv = ['report', 'nnlab.yaml', '--format', 'json', '-o', '-', '--quiet']
  const { stdout } = await nnlab(argv, { cwd: await trained(kind) })
  return Document.parse(JSON.parse(stdout))
}

describe('a report', { timeout: 60_000 }, () => {
  it('counts whole numbers in bins of whole numbers', async () => {
    const { distributions } = await documentOf('several labels')
    const label = distributions.find(({ column }) => column === 'u')
    expect(label?.edges).toEqual([-0.5, 0.5, 1.5])
    expect(label?.shares.train).toHaveLength(2)
  })

  it('tells in one finding which targets are predicted no better than by their means', async () => {
    const { findings } = await documentOf('forecast of several steps')
    const found = findings.flatMap(({ text }) => (text.includes('no better') ? text : []))
    expect(found).toEqual([
      expect.stringMatching(/^Predictions of .*\(R² .*, .* and \d more are no better than their means\.$/),
    ])
  })

  it('has no intervals of a single row, and no dependence on a value that nothing is compared with', async () => {
    const { evaluation } = await documentOf('one test row')
    expect(evaluation).toMatchObject({ intervals: {}, partial_dependence: [] })
  })

  it('has no dependence on texts that hardly recur', async () => {
    const { evaluation } = await documentOf('text')
    expect(evaluation.partial_dependence).toEqual([])
  })
})
