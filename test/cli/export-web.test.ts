import { cp, readFile, readdir } from 'node:fs/promises'
import { join } from 'node:path'

import { expect, it } from 'vitest'

import { chromiumPath } from './chromium-path.ts'
import { folderOf, nnlab } from './support.ts'

it(
  'exports the digits model to less than 200 kB, which predicts in a page on disk as nnlab does (the latter needs chromium)',
  { timeout: 120_000 },
  async () => {
    const cwd = await folderOf()
    await cp('configs/digits.yaml', join(cwd, 'digits.yaml'))
    await cp('configs/data/digits.csv', join(cwd, 'data/digits.csv'), { recursive: true })
    await nnlab(['train', 'digits.yaml', '--quiet', '--set', 'fit.epochs=3'], { cwd })
    const check = chromiumPath === undefined ? [] : ['--check']
    const { code, stdout } = await nnlab(['export', 'digits.yaml', '--format', 'web', ...check], { cwd })
    expect(stdout).toContain('wrote digits-web (')
    if (chromiumPath !== undefined) {
      expect(stdout).toMatch(
        /compared with Chromium [\d.]+ on 100 rows: largest difference 0\.0 .*, 100 of 100 labels alike/,
      )
    }
    expect(code).toBe(0)
    const folder = join(cwd, 'digits-web')
    const files = await Promise.all((await readdir(folder)).map((name) => readFile(join(folder, name))))
    expect(files.reduce((total, { length }) => total + length, 0)).toBeLessThan(200_000)
  },
)
