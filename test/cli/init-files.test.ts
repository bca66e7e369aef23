import { gzipSync } from 'node:zlib'
import { expect, it } from 'vitest'

import { zipFile } from '../../src/exchange/keras/zip.ts'
import { folderOf, nnlab } from './support.ts'

/** Rows of two numbers, a category and the label, each line with its cells as `write` divides them. */
function tableOf(write: (cells: readonly (string | number)[], row: number) => string, header = true): string {
  const rows = Array.from({ length: 40 }, (_, i) => [
    i % 7,
    (i % 5) + 0.5,
    i % 3 ? 'red' : 'blue',
    i % 2 ? 'yes' : 'no',
  ])
  const lines = rows.map((cells, i) => write(cells, i + 1))
  return `${[...(header ? [write(['size', 'width', 'colour', 'sold'], 0)] : []), ...lines].join('\n')}\n`
}

function zipOf(files: Readonly<Record<string, string>>): Uint8Array {
  const entries = Object.entries(files).map(([name, content]): [string, Buffer[]] => [
    name,
    [Buffer.from(content)],
  ])
  return Buffer.concat(zipFile(new Map(entries)))
}

const commas = tableOf((cells) => cells.join())
const dollars = commas.replaceAll(/^(\d)/gm, '$$$1')

it.each<[string, string, string | Uint8Array]>([
  ['tabs in a .txt', 'rows.txt', tableOf((cells) => cells.join('\t'))],
  ['semicolons in a .dat', 'rows.dat', tableOf((cells) => cells.join(';'))],
  [
    'aligned columns',
    'rows.txt',
    tableOf((cells) => cells.map((cell) => String(cell).padStart(7)).join(' ')),
  ],
  [
    'what write.table of R writes',
    'rows.dat',
    tableOf((cells, row) => [...(row ? [row] : []), ...cells].map((cell) => `"${cell}"`).join(' ')),
  ],
  ['no header', 'rows.data', tableOf((cells) => cells.join(), false)],
  ['a name twice', 'rows.csv', commas.replace('width', 'size')],
  ['the sign of its fields', 'rows.csv', `sep=;\n${commas.replaceAll(',', ';')}`],
  ['gzip in a .csv', 'rows.csv', gzipSync(commas)],
  [
    'a zip with one table',
    'rows.zip',
    zipOf({ 'data/': '', 'data/rows.csv': commas, '__MACOSX/._rows.csv': 'x' }),
  ],
  ['a currency', 'rows.csv', dollars],
])('init, train and predict take a file with %s', async (_, name, content) => {
  const cwd = await folderOf({ [name]: content })
  expect(await nnlab(['init', '--data', name], { cwd })).toMatchObject({ code: 0, stderr: '' })
  const trained = await nnlab(['train', '--quiet', '--set=fit.epochs=40', '--json'], { cwd })
  expect(trained, trained.stderr).toMatchObject({ code: 0 })
  const predicted = await nnlab(['predict', 'nnlab.yaml', name], { cwd })
  expect(predicted, predicted.stderr).toMatchObject({ code: 0 })
  expect(predicted.stdout.trim().split('\n')).toHaveLength(41)
})

it('a zip of several files is refused with their names', async () => {
  const cwd = await folderOf({ 'rows.zip': zipOf({ 'a.csv': commas, 'b.csv': commas }) })
  const { code, stderr } = await nnlab(['init', '--data', 'rows.zip'], { cwd })
  expect(code).toBe(4)
  expect(stderr).toContain('expected one file in the archive, found 2 files: a.csv, b.csv')
})
