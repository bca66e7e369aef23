import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import { vocabularyOf } from '../../../src/data/fit/vocabulary.ts'
import { prepareData } from '../../../src/data/prepare/prepare.ts'
import { preprocessingSchema } from '../../../src/data/fit/preprocessing.ts'
import { DataSpec } from '../../../src/spec/schema/data.ts'
import { classes, folderOf, newRows, oneInput, rowsUpTo } from '../../data/support.ts'
import { readGolden } from '../../golden/golden.ts'
import { encodeTexts } from './support.ts'

const golden = readGolden(
  'sequences',
  z.object({
    lists: z.array(z.array(z.number())),
    cases: z.array(z.object({ padding: z.string(), truncating: z.string(), ids: z.array(z.number()) })),
  }),
)
const { lists, cases } = golden

describe('sequences', () => {
  it.each(cases)('are padded and cut off as by Keras: $padding, $truncating', ({ ids, ...ends }) => {
    const texts = lists.map((list) => (list.length > 0 ? list.join(' ') : '[]'))
    const form = { output_sequence_length: 4, ...ends }
    expect(encodeTexts({ type: 'sequence', ...form }, texts, texts)).toEqual(ids)
    const words = lists.map((list) => list.map((id) => `w${id}`).join(' '))
    // The words w1 ... w13 in turn have the ids from 2 on.
    const training = Array.from({ length: 13 }, (_, i) => `w${i + 1} `.repeat(20 - i))
    const encoded = encodeTexts({ type: 'tokens', ...form }, training, words)
    expect(encoded).toEqual(ids.map((id) => (id === 0 ? 0 : id + 1)))
  })

  it('are refused where they hold something else', () => {
    for (const text of ['1 2.5', '-1', 'a b', '1e3'])
      expect(() => encodeTexts({ type: 'sequence', output_sequence_length: 2 }, ['1'], [text])).toThrow(
        'is not a list of whole numbers from 0 on',
      )
  })

  const files = {
    'rows.jsonl': lists.map((ids, i) => JSON.stringify({ ids, y: i % 2 })).join('\n'),
    'rows.csv': `ids,y\n${lists.map((ids, i) => `"[${ids.join(', ')}]",${i % 2}`).join('\n')}\n`,
    'words.jsonl': lists.map((ids, i) => JSON.stringify({ ids: ids.map(String), y: i % 2 })).join('\n'),
  }
  it.each(Object.keys(files))('are columns of lists of any length: %s', async (path) => {
    const directory = await folderOf(files)
    const transforms = { ids: { type: 'sequence', output_sequence_length: 4 } }
    const type = path.split('.')[1] ?? ''
    const section = { type, path, target: 'y', features: { transforms } }
    const options = { directory, seed: 0, portsFor: () => ({ inputs: oneInput(4), outputs: classes(2) }) }
    const held = await prepareData(DataSpec.parse(section), options)
    const expected = cases.find((one) => one.padding === 'post' && one.truncating === 'post')?.ids
    expect([...(held.train.whole?.inputs[0]?.data ?? [])]).toEqual(expected)
    const stored = await prepareData(DataSpec.parse({ ...section, memory: '0.01 KB' }), options)
    const { encoded } = await stored.train.window(rowsUpTo(lists.length))
    expect(encoded.inputs).toEqual(held.train.whole?.inputs)
    stored.close()
    const saved = preprocessingSchema.parse(JSON.parse(JSON.stringify(held.preprocessing)))
    const again = await newRows({ type, path }, saved, { directory, targets: false })
    expect(again.encoded.inputs).toEqual(held.train.whole?.inputs)
    const feature = saved.inputs[0]?.features[0]
    expect(feature && vocabularyOf([], feature)).toBe(14)
  })

  it('that differ in length are told of where no transform pads them', async () => {
    const directory = await folderOf(files)
    const section = DataSpec.parse({ type: 'jsonl', path: 'rows.jsonl', target: 'y' })
    const options = { directory, seed: 0, portsFor: () => ({ inputs: oneInput(3), outputs: classes(2) }) }
    await expect(prepareData(section, options)).rejects.toMatchObject({
      message: 'rows.jsonl:2: "ids" is not a list of numbers of shape [3], as in the first row',
      hint: 'lists of ids may differ in length with data.features.transforms: {ids: {type: sequence, output_sequence_length: ...}}',
    })
  })
})
