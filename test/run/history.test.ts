import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { expect, it } from 'vitest'

import { readHistory } from '../../src/run/history.ts'
import { folderOf } from '../data/support.ts'

it.each([
  ['', [], []],
  ['epoch,loss,val_lo', [], []],
  ['epoch,loss\n1,0.5\n2,0.', ['loss'], [1]],
  ['epoch,loss\n1,0.5\n2,0.25\n', ['loss'], [1, 2]],
])('a history has the lines that are whole: %j', async (text, names, epochs) => {
  const folder = await folderOf({})
  await writeFile(join(folder, 'history.csv'), text)
  const history = await readHistory(folder)
  expect([history.names, [...history.epochs.keys()], history.last]).toEqual([
    names,
    epochs,
    epochs.at(-1) ?? 0,
  ])
})
