import { readFile, writeFile } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { platform } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

import axe from 'axe-core'
import { chromium } from 'playwright-core'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import { randomNormal, randomUniform, stream } from '../../src/random.ts'
import { folderOf, nnlab } from './support.ts'

const browser = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync)

/** Rows of four classes that lie apart, `labelled` by a function. */
function fruits(labelled: (fruit: string, draw: number) => string): string {
  const names = ['apple', 'pear', 'plum', 'fig']
  const noise = randomNormal(stream(1, 'noise'), 0, 800 * 4)
  const draws = randomUniform(stream(1, 'draws'), 0, 800)
  const rows = Array.from(draws, (draw, row) => {
    const index = row % 4
    const cells = names.map((_, k) => (noise[row * 4 + k] ?? 0) + (k === index ? 4 : 0))
    return [...cells.map((cell) => cell.toFixed(4)), labelled(names[index] ?? '', draw)].join(',')
  })
  return `a,b,c,d,fruit\n${rows.join('\n')}\n`
}

/** Rows of two classes by a noisy function of a; \`leak\` is the class with a little noise. */
function games(columns: readonly string[]): string {
  const noise = randomNormal(stream(2, 'noise'), 0, 600 * 4)
  const rows = Array.from({ length: 600 }, (_, row) => {
    const [a = 0, b = 0, c = 0, d = 0] = noise.subarray(row * 4)
    const won = a + 3 * c > 0
    const values: Record<string, number> = { a, b, refund: Number(won) + 0.05 * d, d }
    return [...columns.map((name) => (values[name] ?? 0).toFixed(4)), won ? 'yes' : 'no'].join(',')
  })
  return `${columns.join(',')},won\n${rows.join('\n')}\n`
}

function config(data: string, layers: string, fit: string): string {
  const loss = layers.includes('sigmoid') ? 'binary_crossentropy' : 'categorical_crossentropy'
  return `
name: planted
data: {type: csv, path: rows.csv, ${data}, features: {scale: standard}, split: {validation: 0.2, test: 0.3}}
model: {layers: [${layers}]}
compile: {loss: ${loss}, optimizer: {type: adam, learning_rate: 0.01}, metrics: [accuracy]}
fit: {${fit}, arithmetic: mul_add, engine: compiled}
`
}
const BINARY = '{type: dense, units: 1, activation: sigmoid}'
const FRUITS = config(
  'target: fruit',
  '{type: dense, units: 16, activation: relu}, {type: dense, units: 4, activation: softmax}',
  'epochs: 20',
)

/** Data with a fault that a report must name. */
const PLANTED: readonly { name: string; yaml: string; rows: string; named: RegExp }[] = [
  {
    name: 'a class that is mislabelled',
    yaml: FRUITS,
    rows: fruits((fruit, draw) => (fruit === 'pear' && draw < 0.25 ? 'apple' : fruit)),
    named: /Labels of apple may be wrong: .* look as much like pear/,
  },
  {
    name: 'a column that gives the target away',
    yaml: config('target: won', BINARY, 'epochs: 30'),
    rows: games(['a', 'b', 'refund']),
    named: /column refund may give the target away/,
  },
  {
    name: 'a model that is miscalibrated',
    yaml: config(
      'target: won',
      `{type: dense, units: 128, activation: relu}, {type: dense, units: 128, activation: relu}, ${BINARY}`,
      'epochs: 40',
    ),
    rows: games(['a', 'b', 'd']),
    named: /miscalibrated \(overconfident\)/,
  },
]

async function trained(yaml: string, rows: string): Promise<string> {
  const cwd = await folderOf({ 'nnlab.yaml': yaml, 'rows.csv': rows })
  expect(await nnlab(['train', '--quiet'], { cwd })).toMatchObject({ code: 0 })
  return cwd
}

async function reported(cwd: string, argv: readonly string[] = ['nnlab.yaml']): Promise<string> {
  const { code, stderr } = await nnlab(['report', ...argv, '-o', 'report.html'], { cwd })
  expect(code, stderr).toBe(0)
  return readFile(join(cwd, 'report.html'), 'utf8')
}

/** Looks at a report in a browser. */
async function inBrowser(cwd: string, width: number, look: (page: Page) => Promise<void>): Promise<void> {
  const opened = await chromium.launch({ executablePath: browser ?? '', args: ['--no-sandbox'] })
  try {
    const page = await opened.newPage({ viewport: { width, height: 900 }, bypassCSP: true })
    await page.goto(pathToFileURL(join(cwd, 'report.html')).href)
    await look(page)
  } finally {
    await opened.close()
  }
}

const Document = z.object({
  runs: z.array(
    z.object({
      run: z.string(),
      history: z.object({ epoch: z.array(z.number()), val_loss: z.array(z.number()) }),
    }),
  ),
  findings: z.array(z.object({ severity: z.string(), text: z.string() })),
})

describe('report', { timeout: 60_000 }, () => {
  it.each(PLANTED)('names $name', async ({ yaml, rows, named }) => {
    const cwd = await trained(yaml, rows)
    const { stdout } = await nnlab(['report', 'nnlab.yaml', '--format', 'json', '-o', '-'], { cwd })
    const { findings } = Document.parse(JSON.parse(stdout))
    expect(findings.filter(({ severity }) => severity === 'serious').map(({ text }) => text)).toContainEqual(
      expect.stringMatching(named),
    )
    expect(await reported(cwd)).toMatch(named)
  })

  it('finds nothing wrong with good data', async () => {
    const cwd = await trained(
      FRUITS,
      fruits((fruit) => fruit),
    )
    const page = await reported(cwd)
    expect(page).not.toContain('class="serious"')
  })

  it('is one file of less than 1 MB that loads nothing, with every chart described', async () => {
    const cwd = await trained(
      FRUITS,
      fruits((fruit) => fruit),
    )
    const page = await reported(cwd)
    expect(page.length).toBeLessThan(1_000_000)
    expect(page).not.toMatch(/<script|<link|<iframe|@import|url\(/)
    const addresses = Array.from(page.matchAll(/(?:src|href)="([^"]*)"/g), ([, address]) => address)
    expect(addresses.filter((address) => !address?.startsWith('data:'))).toEqual([])
    const pictures = page.match(/<svg[^>]*>/g) ?? []
    expect(pictures.length).toBeGreaterThan(8)
    for (const picture of pictures) expect(picture).toMatch(/role="img" aria-label="[^"]{10,}"/)
    expect(await reported(cwd)).toBe(page)
  })

  it('shows hostile names and values as text', async () => {
    const evil = '<img src=x onerror=alert(1)>'
    const yaml = FRUITS.replace('target: fruit', `target: fruit, limit: 700`)
    const cwd = await trained(
      yaml,
      fruits((fruit) => (fruit === 'fig' ? evil : fruit)).replace('a,b', '"</style>a",b'),
    )
    const page = await reported(cwd)
    expect(page).not.toContain('<img src=x')
    expect(page).toContain('&lt;img src=x onerror=alert(1)&gt;')
    expect(page.match(/<\/style>/g)).toHaveLength(1)
  })

  it('compares runs: curves over each other, what differs, the best first', async () => {
    const cwd = await trained(
      FRUITS,
      fruits((fruit) => fruit),
    )
    const slow = ['train', '--quiet', '--set', 'compile.optimizer.learning_rate=0.0001']
    expect(await nnlab(slow, { cwd })).toMatchObject({ code: 0 })
    const runs = ['runs/planted/002', 'runs/planted/001']
    const page = await reported(cwd, runs)
    expect(page).toContain('The best run is <strong>runs/planted/001</strong>')
    expect(page).toContain('Best val_loss by compile.optimizer.learning_rate')
    const { stdout: svg } = await nnlab(['report', ...runs, '--format', 'svg', '-o', '-'], { cwd })
    expect(svg).toMatch(/^<svg xmlns=.*<\/svg>\n$/s)
    const { stdout: md } = await nnlab(['report', ...runs, '--format', 'md', '-o', '-'], { cwd })
    expect(md).toContain('| compile.optimizer.learning_rate | 0.0001 | 0.01 |')
    const { stdout } = await nnlab(['report', ...runs, '--format', 'json', '-o', '-'], { cwd })
    expect(Document.parse(JSON.parse(stdout)).runs.map(({ run }) => run)).toEqual(runs)
  })

  it.skipIf(platform() !== 'linux')(
    'is opened by the program of the platform, where there is one',
    async () => {
      const cwd = await trained(
        FRUITS.replace('epochs: 20', 'epochs: 1'),
        fruits((fruit) => fruit),
      )
      await writeFile(join(cwd, 'xdg-open'), '#!/bin/sh\necho "$1" > "$0.opened"\n', { mode: 0o755 })
      const argv = ['report', 'nnlab.yaml', '--open', '-o', join(cwd, 'report.html')]
      const none = await nnlab(argv, { cwd, env: { PATH: '/nowhere' } })
      expect([none.code, none.stderr]).toEqual([
        0,
        expect.stringContaining(`no program here opens it: look at ${join(cwd, 'report.html')}`),
      ])
      const opened = await nnlab(argv, { cwd, env: { PATH: cwd } })
      expect(opened.stderr).not.toContain('no program')
      expect(await readFile(join(cwd, 'xdg-open.opened'), 'utf8')).toBe(`${join(cwd, 'report.html')}\n`)
      expect((await nnlab(['report', 'nnlab.yaml', '--open', '-o', '-'], { cwd })).code).toBe(2)
    },
  )

  it('tells of a run what is left where its data are gone', async () => {
    const cwd = await trained(
      FRUITS,
      fruits((fruit) => fruit),
    )
    const moved = FRUITS.replace('rows.csv', 'gone.csv')
    const other = await folderOf({ 'nnlab.yaml': moved, 'gone.csv': 'a,b,c,d,fruit\n' })
    const run = join(cwd, 'runs/planted/001')
    const file = join(run, 'run.json')
    await writeFile(
      file,
      (await readFile(file, 'utf8')).replace(`"data_folder": "${cwd}"`, `"data_folder": "${other}"`),
    )
    const page = await reported(cwd, [run])
    expect(page).toContain('The model could not be looked at')
    expect(page).toContain('Learning curves')
  })
})

describe.skipIf(browser === undefined)('a report in a browser (needs Chromium)', { timeout: 90_000 }, () => {
  it.each(PLANTED)('names $name within the first 900 pixels', async ({ yaml, rows, named }) => {
    const cwd = await trained(yaml, rows)
    await reported(cwd)
    for (const width of [400, 1600]) {
      await inBrowser(cwd, width, async (page) => {
        const box = await page.locator('.findings li', { hasText: named }).first().boundingBox()
        expect((box?.y ?? Infinity) + (box?.height ?? Infinity)).toBeLessThan(900)
      })
    }
  })

  it('is no wider than its window, and axe finds no fault in it', async () => {
    const cwd = await trained(
      FRUITS,
      fruits((fruit) => fruit),
    )
    await reported(cwd)
    for (const width of [400, 800, 1600]) {
      await inBrowser(cwd, width, async (page) => {
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.emulateMedia({ colorScheme })
          await page.addScriptTag({ content: axe.source })
          const found: unknown = await page.evaluate(
            'axe.run().then(({ violations }) => violations.map(({ id, nodes }) => `${id}: ${nodes[0].html}`))',
          )
          expect(found).toEqual([])
        }
      })
    }
  })
})
