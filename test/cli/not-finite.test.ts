import { expect, it } from 'vitest'
import * as z from 'zod'

import { folderOf, nnlab } from './support.ts'

const config = `
data:
  type: jsonl
  path: full.jsonl
  target: pos
  features: {transforms: {text: {type: tokens, output_sequence_length: 4, max_tokens: 20}}}
model:
  input: [4]
  layers:
    - {type: embedding, input_dim: 20, output_dim: 4, mask_zero: true}
    - {type: global_average_pooling1d, name: mean}
    - {type: dense, units: 1, activation: sigmoid}
compile: {loss: binary_crossentropy, metrics: [accuracy]}
fit: {epochs: 1, batch_size: 8}
`
const row = (text: string, pos: number) => JSON.stringify({ text, pos })
const full = Array.from({ length: 16 }, (_, i) => row(i % 2 ? 'good film' : 'bad film', i % 2))
const files = (rows: readonly string[]) => `${rows.join('\n')}\n`

it('rows without an unmasked step are named where they have no prediction, and stay in the counts', async () => {
  const cwd = await folderOf({
    'nnlab.yaml': config,
    'full.jsonl': files(full),
    'q.jsonl': files([row('good', 1), row('...', 1), row('...', 0)]),
  })
  expect(await nnlab(['train', '--run-dir', 'run'], { cwd })).toMatchObject({ code: 0 })
  const predicted = await nnlab(['predict', 'run', 'q.jsonl'], { cwd })
  const cause = 'it starts in the output of the layer mean, row 2, in which no step is unmasked'
  expect(predicted.stderr).toContain(`NaN or infinite numbers are predicted for 2 rows (2, 3): ${cause}`)
  const evaluated = await nnlab(['evaluate', 'run', '--data', 'q.jsonl', '--json'], { cwd })
  expect(evaluated.stderr).toContain(cause)
  const { rows, per_class } = z
    .object({ rows: z.number(), per_class: z.array(z.object({ support: z.number() })) })
    .parse(JSON.parse(evaluated.stdout))
  expect(per_class.map(({ support }) => support)).toEqual([1, 2])
  expect(per_class.reduce((sum, { support }) => sum + support, 0)).toBe(rows)
})

it('training that meets such a row names it, and what helps', async () => {
  const cwd = await folderOf({
    'nnlab.yaml': config,
    'full.jsonl': files([...full.slice(0, 11), row('...', 1), ...full.slice(12)]),
  })
  const { code, stderr } = await nnlab(['train'], { cwd, columns: 400 })
  expect(code).toBe(5)
  expect(stderr).toContain('in the output of the layer mean, row 12, in which no step is unmasked')
  expect(stderr).toContain('= fill in rows without words or steps')
  expect(stderr).not.toContain('learning_rate')
})
