import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { balanced } from '../../../src/data/split/balance.ts'
import { classes, folderOf, oneInput, plain, prepare, values } from '../support.ts'

const labels = fc.array(fc.nat(3), { minLength: 1, maxLength: 60 }).map((list) => Int32Array.from(list))

describe('balanced classes', () => {
  it.each(['oversample', 'undersample'] as const)(
    '%s gives every class the same number of samples',
    (balance) => {
      fc.assert(
        fc.property(labels, fc.nat(), (indices, seed) => {
          const chosen = balanced(indices, balance, seed)
          const sizes = [...new Set(indices)].map(
            (label) => indices.filter((index) => index === label).length,
          )
          const wanted = balance === 'oversample' ? Math.max(...sizes) : Math.min(...sizes)
          for (const label of new Set(indices)) {
            const own = [...chosen].filter((sample) => indices[sample] === label)
            expect(own.length).toBe(wanted)
            const all = indices.filter((index) => index === label).length
            const times = [...new Set(own)].map((sample) => own.filter((other) => other === sample).length)
            expect(Math.max(...times) - Math.min(...times)).toBeLessThanOrEqual(1)
            expect(new Set(own).size).toBe(Math.min(all, wanted))
          }
          expect(chosen).toEqual(balanced(indices, balance, seed))
          expect([...chosen]).toEqual([...chosen].toSorted((a, b) => a - b))
        }),
      )
    },
  )

  it('concern the training split only, and what is fitted sees each row once', async () => {
    const rows = [1, 2, 3, 4, 5, 6, 7, 80].map((x, i) => `${x},${i % 4 === 3 ? 'rare' : 'often'}`)
    const directory = await folderOf({ 'rows.csv': `x,label\n${rows.join('\n')}\n` })
    const spec = {
      type: 'csv' as const,
      path: 'rows.csv',
      target: 'label',
      features: { scale: 'min_max' as const },
      split: { test: 0.25, shuffle: false },
    }
    const ports = { directory, inputs: oneInput(1), outputs: classes(2) }
    const plainSplit = await prepare(spec, ports)
    const over = await prepare({ ...spec, balance: 'oversample' }, ports)
    expect(plain(over.train.targets[0]?.data)).toEqual([0, 0, 0, 1, 1, 1, 1, 1, 0, 0])
    expect(over.train.sourceRow).toEqual(Uint32Array.of(0, 1, 2, 3, 3, 3, 3, 3, 4, 5))
    expect(over.test).toEqual(plainSplit.test)
    expect(over.preprocessing).toEqual(plainSplit.preprocessing)
    const under = await prepare({ ...spec, balance: 'undersample' }, ports)
    expect(under.train.rows).toBe(2)
  })

  it('need classes', async () => {
    const directory = await folderOf({ 'rows.csv': 'x,y\n1,2\n3,4\n' })
    const spec = { type: 'csv' as const, path: 'rows.csv', target: 'y', balance: 'oversample' as const }
    await expect(prepare(spec, { directory, inputs: oneInput(1), outputs: values(1) })).rejects.toThrow(
      'data.balance needs a target of classes',
    )
  })
})

describe('rows that stand in both the training and the test split', () => {
  it('are told, with their lines', async () => {
    const directory = await folderOf({ 'rows.csv': 'x,y\n1,2\n3,4\n5,6\n3,4\n1,2\n3,5\n' })
    const spec = { type: 'csv' as const, path: 'rows.csv', target: 'y', split: { test: 0.5, shuffle: false } }
    const { warnings } = await prepare(spec, { directory, inputs: oneInput(1), outputs: values(1) })
    expect(warnings.map(({ message }) => message)).toEqual([
      '2 rows of the 3 in the test split are in the training split too, such as rows.csv:5 and rows.csv:3: rows that the model has seen say little about new ones',
    ])
  })

  it('are no bytes that only look alike', async () => {
    const directory = await folderOf({ 'rows.csv': 'x,y\n1,2\n3,4\n2,1\n4,3\n' })
    const spec = { type: 'csv' as const, path: 'rows.csv', target: 'y', split: { test: 0.5, shuffle: false } }
    const { warnings } = await prepare(spec, { directory, inputs: oneInput(1), outputs: values(1) })
    expect(warnings).toEqual([])
  })
})
