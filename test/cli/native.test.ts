import { expect, it } from 'vitest'
import { openNative } from '../../src/engine/compiled/native.ts'
import { folderOf, nnlab } from './support.ts'

const rows = Array.from({ length: 150 }, (_, i) =>
  Array.from({ length: 40 }, (_, j) => Math.sin(i * j + j).toFixed(3)),
)
const CSV = rows.map((row, i) => `${row.join()},${i % 3}\n`).join('')
const CONFIG = `
data: {type: csv, path: rows.csv, header: false, target: column_41, split: {validation: 0.2}}
model:
  input: [40]
  layers:
    - {type: dense, units: 72, activation: relu}
    - {type: dense, units: 40, activation: gelu}
    - {type: dense, units: 3, activation: softmax}
compile: {loss: categorical_crossentropy, optimizer: adam, metrics: [accuracy]}
fit: {epochs: 1, batch_size: 48, engine: compiled}
`

async function trainWith(NNLAB_NATIVE: string, threads: number) {
  const cwd = await folderOf({ 'nnlab.yaml': CONFIG, 'rows.csv': CSV })
  const argv = ['train', '--json', '--quiet', '--set', `fit.threads=${threads}`]
  const { code, stdout, stderr } = await nnlab(argv, { cwd, env: { NNLAB_NATIVE } })
  return { code, stderr, weights: /"weights_sha256":"(\w+)"/.exec(stdout)?.[1] }
}

it('training has the same bits with and without machine code, on any threads', async () => {
  const { code, weights } = await trainWith('0', 1)
  expect(code).toBe(0)
  for (const vectors of ['', 'avx2', 'avx512'])
    for (const threads of [1, 2])
      expect(await trainWith(vectors, threads)).toMatchObject({ code: 0, weights })
})

it('machine code that nobody knows is refused', async () => {
  const { code, stderr } = await trainWith('sse9', 1)
  expect(code).toBe(2)
  expect(stderr).toContain('the environment variable NNLAB_NATIVE is "sse9"')
})

it.skipIf(openNative('auto') === undefined)('there is machine code for this processor', () => {
  expect(openNative('avx2')?.vector).toBe(32)
})
