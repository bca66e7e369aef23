import { describe, expect, it, onTestFinished } from 'vitest'

import { prepareData } from '../../../src/data/prepare/prepare.ts'
import { readData } from '../../../src/data/prepare/read-data.ts'
import type { ReadOptions } from '../../../src/data/prepare/read-data.ts'
import { DataSpec } from '../../../src/spec/schema/data.ts'
import { folderOf, oneInput, openIn, rowsUpTo, values } from '../support.ts'
import type { WrittenData } from '../support.ts'

const ROWS = 40
const files = {
  'rows.csv': `x,city,y\n${Array.from({ length: ROWS }, (_, i) => `${i},${['Oslo', 'Rome'][i % 2]},${i / 8}\n`).join('')}`,
}
const spec = { type: 'csv', path: 'rows.csv', target: 'y', split: { validation: 0.2, test: 0.2 } }

/** The prepared rows of a data section, whose cache folder is the directory. */
async function prepared(section: WrittenData, directory: string, shape: number[], job?: ReadOptions['job']) {
  const datasets = { folder: undefined, fallback: undefined, cache: directory, watch: () => undefined }
  const portsFor = () => ({ inputs: oneInput(...shape), outputs: values(1) })
  const rows = await prepareData(DataSpec.parse(section), { directory, seed: 0, portsFor, datasets, job })
  onTestFinished(() => rows.close())
  return rows
}

describe('rows of an MPI job', () => {
  it('are on disk, and the same as those in memory', async () => {
    const directory = await folderOf(files)
    const alone = await prepared(spec, directory, [3])
    expect(openIn(directory)).toEqual([])
    const divided = await prepared(spec, directory, [3], { local: 2 })
    expect(openIn(directory)).not.toEqual([])
    for (const name of ['train', 'validation', 'test'] as const) {
      const [held, stored] = [alone[name], divided[name]]
      expect(stored?.whole).toBeUndefined()
      expect(stored?.windowRows).toBeGreaterThan(ROWS)
      expect((await stored?.window(rowsUpTo(held?.rows ?? 0)))?.encoded).toEqual(held?.whole)
    }
    expect(divided.preprocessing).toEqual(alone.preprocessing)
    expect(divided.fingerprint).toBe(alone.fingerprint)
  })

  it('stay in memory where they are windows of a series', async () => {
    const directory = await folderOf(files)
    const split = { validation: 0.2, shuffle: false }
    const window = { steps: 3, horizon: 1 }
    const { train } = await prepared(
      { ...spec, split, window, features: { columns: ['x'] } },
      directory,
      [3, 1],
      { local: 2 },
    )
    expect(train.whole?.windows).toBeDefined()
  })

  it('share data.memory with those of other ranks on the machine', async () => {
    const directory = await folderOf(files)
    const read = DataSpec.parse({ ...spec, memory: '2 KB' })
    expect((await readData(read, { directory })).spool?.memory).toBe(2000)
    const { spool } = await readData(read, { directory, job: { local: 4 } })
    onTestFinished(() => spool?.close())
    expect(spool?.memory).toBe(500)
  })
})
