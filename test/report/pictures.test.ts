import { existsSync } from 'node:fs'
import { cp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { decode, encode } from 'fast-png'
import type { Page } from 'playwright-core'
import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import { boardPage } from '../../src/report/page/board/board-page.ts'
import type { BoardRow } from '../../src/report/page/board/board-row.ts'
import { chromiumPath } from '../cli/chromium-path.ts'
import { sharedBrowser } from '../cli/chromium.ts'
import { folderOf, nnlab } from '../cli/support.ts'

// Pages as pictures of a quarter of their size. Fonts and the looks of controls differ between machines: every character
// is the same box here (pictures/boxes.py), and controls are frames. A picture that is deleted is made anew.

const PICTURES = join(import.meta.dirname, 'pictures')
const SCALE = 0.25
/** A pixel differs where its brightness does by more than this; pages differ where a larger share of their pixels does. */
const [LEAST_DIFFERENCE, LARGEST_SHARE] = [40, 0.002]

async function plain(page: Page): Promise<void> {
  const font = (await readFile(join(PICTURES, 'boxes.woff'))).toString('base64')
  await page.addStyleTag({
    content: `@font-face { font-family: boxes; src: url(data:font/woff;base64,${font}) }
* { font-family: boxes !important; font-synthesis: none }
input, button:not(.link), progress { appearance: none; border: 1px solid; background: none; width: 90px; height: 20px; padding: 0 }`,
  })
  await page.evaluate('document.fonts.load("16px boxes")')
}

type Picture = { readonly width: number; readonly height: number; readonly data: Uint8Array }

/** The brightness of the pixels of a file, in 16 levels, which take little space. */
function pictureOf(file: Uint8Array): Picture {
  const { width, height, channels, data } = decode(file)
  const levels = Uint8Array.from({ length: width * height }, (_, i) => {
    const [red = 0, green = red, blue = red] = data.subarray(
      channels * i,
      channels * i + Math.min(3, channels),
    )
    return Math.round((0.3 * red + 0.6 * green + 0.1 * blue) / 17) * 17
  })
  return { width, height, data: levels }
}

function shareOfDifferent(a: Picture, b: Picture): number {
  const different = a.data.filter((level, i) => Math.abs(level - (b.data[i] ?? 0)) > LEAST_DIFFERENCE)
  return different.length / a.data.length
}

async function expectToLookAsBefore(page: Page, name: string): Promise<void> {
  const found = pictureOf(await page.screenshot({ fullPage: true }))
  const file = join(PICTURES, `${name}.png`)
  const isKnown = existsSync(file)
  if (!isKnown) await writeFile(file, encode({ ...found, channels: 1, depth: 8 }))
  expect.soft(isKnown, `${file} is new: look at it, and commit it`).toBe(true)
  const known = pictureOf(await readFile(file))
  const size = ({ width, height }: Picture): string => `${width}x${height}`
  expect.soft(size(found), `the size of ${name}; delete ${file} where it is meant`).toBe(size(known))
  expect
    .soft(shareOfDifferent(found, known), `${name}; delete ${file} where it is meant`)
    .toBeLessThan(LARGEST_SHARE)
}

/** The report of a tiny run, with the same facts on every machine. */
async function reportOfRun(): Promise<string> {
  const cwd = await folderOf({
    'nnlab.yaml': `
name: iris
data: {type: csv, path: iris.csv, target: species, features: {scale: standard}, split: {validation: 0.2, test: 0.3}}
model: {layers: [{type: dense, units: 4, activation: tanh}, {type: dense, units: classes, activation: softmax}]}
compile: {loss: categorical_crossentropy, optimizer: {type: adam, learning_rate: 0.05}, metrics: [accuracy]}
fit: {epochs: 6, batch_size: 16, arithmetic: mul_add, engine: compiled, threads: 1}
`,
  })
  await cp('configs/data/iris.csv', join(cwd, 'iris.csv'))
  expect(await nnlab(['train', '--quiet'], { cwd })).toMatchObject({ code: 0 })
  const file = join(cwd, 'runs/iris/001/run.json')
  const record = z.record(z.string(), z.unknown()).parse(JSON.parse(await readFile(file, 'utf8')))
  const facts = { seconds: 1, started: '2026-01-01T12:00:00.000Z', node: 'v20', nnlab: '1', native: 'none' }
  await writeFile(file, JSON.stringify({ ...record, ...facts, config: 'nnlab.yaml' }))
  const { stdout, stderr } = await nnlab(['report', 'runs/iris/001', '-o', '-'], { cwd })
  expect(stdout, stderr).toContain('<svg')
  return stdout
}

const ROWS: readonly BoardRow[] = (['running', 'completed', 'killed', 'interrupted'] as const).flatMap(
  (state, i) => [
    {
      name: `iris/00${i}`,
      kind: 'run',
      state,
      done: state === 'running' ? '2/5, step 3/8' : '5/5',
      ...(state === 'running' && { share: 0.5 }),
      best: 'val_loss 0.1234 (epoch 2)',
      seconds: 61 * i,
      started: `2026-01-0${9 - i}T12:00:00.000Z`,
    },
    {
      name: `iris/sweep-00${i}`,
      kind: 'group',
      state,
      done: '7 of 12 trials',
      best: '',
      started: '2026-01-01T12:00',
    },
  ],
)

describe.skipIf(chromiumPath === undefined)(
  'a page looks as before (needs Chromium)',
  { timeout: 60_000 },
  () => {
    const open = sharedBrowser()

    it('a report, on a phone and on a wide screen, in light and dark', async () => {
      const html = await reportOfRun()
      const page = await open({ deviceScaleFactor: SCALE })
      await page.setContent(html)
      await plain(page)
      for (const width of [400, 800, 1600]) {
        for (const colorScheme of ['light', 'dark'] as const) {
          await page.setViewportSize({ width, height: 900 })
          await page.emulateMedia({ colorScheme })
          await expectToLookAsBefore(page, `report-${width}-${colorScheme}`)
        }
      }
    })

    it('a board', async () => {
      const page = await open({
        deviceScaleFactor: SCALE,
        viewport: { width: 800, height: 600 },
      })
      await page.setContent(boardPage('runs', ROWS, 'nonce'))
      await plain(page)
      await expectToLookAsBefore(page, 'board-800-light')
    })
  },
)
