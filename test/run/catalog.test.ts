import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'

import { expect, it } from 'vitest'

import { listRuns } from '../../src/run/catalog.ts'
import { RunRecord, writeRecord } from '../../src/run/record.ts'
import { RunWatch } from '../../src/run/watch.ts'
import { folderOf } from '../data/support.ts'

it('runs are listed and watched by path, numbers in it by their size', async () => {
  const base = await folderOf({})
  const record = RunRecord.parse({
    id: 'a',
    nnlab: '0.1.0',
    node: '24.0.0',
    config: 'a.yaml',
    data_folder: '.',
    state: 'completed',
    started: '2024-01-01T00:00:00.000Z',
    engine: 'compiled',
    arithmetic: 'fma',
    seed: 0,
    data: { sha256: '', rows: { train: 1, validation: 0, test: 0 } },
  })
  const folders = ['a/002', 'a/999', 'a/1000', 'b/001'].map((name) => join(base, name))
  for (const folder of folders.toReversed()) {
    await mkdir(folder, { recursive: true })
    await writeRecord(folder, record)
  }
  const host = { pid: 1, version: '', kill: () => true }
  expect((await listRuns(base, host, false)).map(({ folder }) => folder)).toEqual(folders)
  const watch = new RunWatch(base, host)
  await watch.look()
  expect(watch.runs.map(({ folder }) => folder)).toEqual(folders)
})
