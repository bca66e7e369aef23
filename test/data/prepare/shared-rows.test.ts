import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { prepareData, SharedRows } from '../../../src/data/prepare/prepare.ts'
import type { PreparedData } from '../../../src/data/prepare/prepare.ts'
import { DataSpec } from '../../../src/spec/schema/data.ts'
import { classes, folderOf, oneInput } from '../support.ts'

const CSV = `x,y\n${Array.from({ length: 20 }, (_, i) => `${i},${i % 2}`).join('\n')}\n`
const SECTION = { type: 'csv', path: 'rows.csv', target: 'y', split: { validation: 0.3 } }

describe('rows of several trainings of one process', () => {
  const prepare = (
    directory: string,
    shared: SharedRows | undefined,
    section: Record<string, unknown> = {},
    { seed = 0, width = 1 } = {},
  ): Promise<PreparedData> =>
    prepareData(DataSpec.parse({ ...SECTION, ...section }), {
      directory,
      seed,
      shared,
      portsFor: () => ({ inputs: oneInput(width), outputs: classes(2) }),
    })

  it('are read and encoded once where their data sections are equal', async () => {
    const directory = await folderOf({ 'rows.csv': CSV })
    const shared = new SharedRows()
    const [first, second] = await Promise.all([prepare(directory, shared), prepare(directory, shared)])
    expect(second.train).toBe(first.train)
    expect(second.validation).toBe(first.validation)
    expect(second.fingerprint).toBe((await prepare(directory, undefined)).fingerprint)
    first.notes.push('of one training')
    expect(second.notes).not.toContain('of one training')
  })

  it.each<[string, Record<string, unknown>, { seed?: number }]>([
    ['another seed', {}, { seed: 1 }],
    ['another split', { split: { validation: 0.5 } }, {}],
    ['a fold', { split: { fold: '1/4' } }, {}],
  ])('are read once and divided anew for %s', async (_, section, options) => {
    const directory = await folderOf({ 'rows.csv': CSV })
    const shared = new SharedRows()
    const first = await prepare(directory, shared)
    const other = await prepare(directory, shared, section, options)
    expect(other.tables.train).toBe(first.tables.train)
    const alone = await prepare(directory, undefined, section, options)
    expect(other.train).not.toBe(first.train)
    expect(other.train.whole).toEqual(alone.train.whole)
    expect(other.validation?.whole).toEqual(alone.validation?.whole)
  })

  it('are read anew for another section', async () => {
    const directory = await folderOf({ 'rows.csv': CSV })
    const shared = new SharedRows()
    const first = await prepare(directory, shared)
    const section = { features: { scale: 'standard' } }
    const other = await prepare(directory, shared, section)
    expect(other.tables.train).not.toBe(first.tables.train)
    expect(other.train.whole).toEqual((await prepare(directory, undefined, section)).train.whole)
  })

  it('that memory has no room for are read by each', async () => {
    const directory = await folderOf({ 'rows.csv': CSV })
    const shared = new SharedRows()
    const small = { memory: '0.1 KB' }
    const [first, second] = await Promise.all([
      prepare(directory, shared, small),
      prepare(directory, shared, small),
    ])
    expect(first.train.whole).toBeUndefined()
    expect(second.train).not.toBe(first.train)
    first.close()
    const { encoded } = await second.train.window(Uint32Array.of(0, 1))
    expect(encoded.rows).toBe(2)
    second.close()
  })

  it('that could not be read are tried again', async () => {
    const directory = await folderOf({ 'rows.csv': CSV })
    const shared = new SharedRows()
    await rm(join(directory, 'rows.csv'))
    await expect(prepare(directory, shared)).rejects.toThrow('no such file')
    await writeFile(join(directory, 'rows.csv'), CSV)
    expect((await prepare(directory, shared)).train.rows).toBe(14)
  })
})
