import { cp, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { platform, tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, describe, expect, it } from 'vitest'
import * as z from 'zod'

import { randomNormal, randomUniform, stream } from '../../src/random.ts'
import { chromiumPath } from './chromium-path.ts'
import { axeFaults, sharedBrowser } from './chromium.ts'
import { folderOf, nnlab } from './support.ts'

/** Rows of four classes that lie apart, `labeled` by a function. */
function fruits(labeled: (fruit: string, draw: number) => string): string {
  const names = ['apple', 'pear', 'plum', 'fig']
  const noise = randomNormal(stream(1, 'noise'), 0, 800 * 4)
  const draws = randomUniform(stream(1, 'draws'), 0, 800)
  const rows = Array.from(draws, (draw, row) => {
    const index = row % 4
    const cells = names.map((_, k) => (noise[row * 4 + k] ?? 0) + (k === index ? 4 : 0))
    return [...cells.map((cell) => cell.toFixed(4)), labeled(names[index] ?? '', draw)].join(',')
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
    name: 'a class that is mislabeled',
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

const GOOD = { yaml: FRUITS, rows: fruits((fruit) => fruit) }

async function train(cwd: string, ...argv: string[]): Promise<void> {
  expect(await nnlab(['train', '--quiet', ...argv], { cwd })).toMatchObject({ code: 0 })
}

/** Folders with a trained run and its report, which tests share and leave as they are. */
const shared = new Map<string, Promise<string>>()
afterAll(async () => {
  for (const folder of shared.values()) await rm(await folder, { recursive: true })
})

function reportedOnce({ yaml, rows }: { readonly yaml: string; readonly rows: string }): Promise<string> {
  const key = yaml + rows
  const make = async (): Promise<string> => {
    const cwd = await mkdtemp(join(tmpdir(), 'nnlab-'))
    await writeFile(join(cwd, 'nnlab.yaml'), yaml)
    await writeFile(join(cwd, 'rows.csv'), rows)
    await train(cwd)
    await reported(cwd)
    return cwd
  }
  const known = shared.get(key) ?? make()
  shared.set(key, known)
  return known
}

async function reported(cwd: string, argv: readonly string[] = ['nnlab.yaml']): Promise<string> {
  const { code, stderr } = await nnlab(['report', ...argv, '-o', 'report.html'], { cwd })
  expect(code, stderr).toBe(0)
  return pageIn(cwd)
}

function pageIn(cwd: string): Promise<string> {
  return readFile(join(cwd, 'report.html'), 'utf8')
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
  it.each(PLANTED)('names $name', async ({ named, ...planted }) => {
    const cwd = await reportedOnce(planted)
    const { stdout } = await nnlab(['report', 'nnlab.yaml', '--format', 'json', '-o', '-'], { cwd })
    const { findings } = Document.parse(JSON.parse(stdout))
    expect(findings.filter(({ severity }) => severity === 'serious').map(({ text }) => text)).toContainEqual(
      expect.stringMatching(named),
    )
    expect(await pageIn(cwd)).toMatch(named)
  })

  it('finds nothing wrong with good data', async () => {
    expect(await pageIn(await reportedOnce(GOOD))).not.toContain('class="serious"')
  })

  it('is one file of less than 1 MB that loads nothing, with every chart described', async () => {
    const cwd = await reportedOnce(GOOD)
    const page = await pageIn(cwd)
    expect(page.length).toBeLessThan(1_000_000)
    expect(page).not.toMatch(/<script|<link|<iframe|@import|url\(/)
    const addresses = Array.from(page.matchAll(/(?:src|href)="([^"]*)"/g), ([, address]) => address)
    expect(addresses.filter((address) => !address?.startsWith('data:'))).toEqual([])
    const pictures = page.match(/<svg[^>]*>/g) ?? []
    expect(pictures.length).toBeGreaterThan(8)
    for (const picture of pictures) expect(picture).toMatch(/role="img" aria-label="[^"]{10,}"/)
    const again = await nnlab(['report', 'nnlab.yaml', '-o', '-'], { cwd })
    expect(again.stdout).toBe(page)
  })

  it('shows hostile names and values as text', async () => {
    const evil = '<img src=x onerror=alert(1)>'
    const page = await pageIn(
      await reportedOnce({
        yaml: FRUITS.replace('epochs: 20', 'epochs: 1'),
        rows: fruits((fruit) => (fruit === 'fig' ? evil : fruit)).replace('a,b', '"</style>a",b'),
      }),
    )
    expect(page).not.toContain('<img src=x')
    expect(page).toContain('&lt;img src=x onerror=alert(1)&gt;')
    expect(page.match(/<\/style>/g)).toHaveLength(1)
  })

  it('compares runs: curves over each other, what differs, the best first', async () => {
    const cwd = await folderOf()
    await cp(await reportedOnce(GOOD), cwd, { recursive: true })
    await train(cwd, '--set', 'compile.optimizer.learning_rate=0.0001')
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
      const [cwd, run] = [await folderOf(), join(await reportedOnce(GOOD), 'runs/planted/001')]
      await writeFile(join(cwd, 'xdg-open'), '#!/bin/sh\necho "$1" > "$0.opened"\n', { mode: 0o755 })
      const argv = ['report', run, '--open', '-o', join(cwd, 'report.html')]
      const none = await nnlab(argv, { cwd, env: { PATH: '/nowhere' } })
      expect([none.code, none.stderr]).toEqual([
        0,
        expect.stringContaining(`no program here can open it: see ${join(cwd, 'report.html')}`),
      ])
      const opened = await nnlab(argv, { cwd, env: { PATH: cwd } })
      expect(opened.stderr).not.toContain('no program')
      expect(await readFile(join(cwd, 'xdg-open.opened'), 'utf8')).toBe(`${join(cwd, 'report.html')}\n`)
      expect((await nnlab(['report', run, '--open', '-o', '-'], { cwd })).code).toBe(2)
    },
  )

  it('tells of a run what is left where its data are gone', async () => {
    const [cwd, whole] = [await folderOf(), await reportedOnce(GOOD)]
    const run = join(cwd, 'run')
    await cp(join(whole, 'runs/planted/001'), run, { recursive: true })
    const file = join(run, 'run.json')
    const record = (await readFile(file, 'utf8')).replace(
      `"data_folder": "${whole}"`,
      `"data_folder": "${cwd}"`,
    )
    await writeFile(file, record)
    const page = await reported(cwd, [run])
    expect(page).toContain('The model could not be analyzed')
    expect(page).toContain('Learning curves')
  })
})

const COLORS = `[getComputedStyle(document.querySelector('svg text')).fill, getComputedStyle(document.body).backgroundColor]`

describe.skipIf(chromiumPath === undefined)(
  'a report in a browser (needs Chromium)',
  { timeout: 90_000 },
  () => {
    const open = sharedBrowser()

    it.each(PLANTED)('names $name within the first 900 pixels', async ({ named, ...planted }) => {
      const page = await open()
      await page.setContent(await pageIn(await reportedOnce(planted)))
      for (const width of [400, 800, 1600]) {
        await page.setViewportSize({ width, height: 900 })
        const box = await page.locator('.findings li', { hasText: named }).first().boundingBox()
        expect((box?.y ?? Infinity) + (box?.height ?? Infinity)).toBeLessThan(900)
      }
    })

    it('shows axe no fault, in light and dark, and is printed in light', async () => {
      const page = await open({ viewport: { width: 400, height: 900 } })
      await page.setContent(await pageIn(await reportedOnce(GOOD)))
      expect(await axeFaults(page, 'all')).toEqual([])
      await page.emulateMedia({ colorScheme: 'dark' })
      expect(await axeFaults(page, 'contrast')).toEqual([])
      expect(await page.evaluate(COLORS)).toEqual(['rgb(232, 235, 239)', 'rgb(20, 23, 28)'])
      // Paper is white, and cannot be scrolled.
      await page.emulateMedia({ colorScheme: 'dark', media: 'print' })
      await page.setViewportSize({ width: 700, height: 900 })
      expect(await page.evaluate(COLORS)).toEqual(['rgb(27, 31, 36)', 'rgb(255, 255, 255)'])
      expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(700)
    })
  },
)
