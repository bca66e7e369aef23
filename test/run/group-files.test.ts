import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, it, onTestFinished } from 'vitest'

import { GROUP_RECORDS, isFileOfGroup } from '../../src/run/group-files.ts'
import { GROUP_KINDS } from '../../src/sweep/trial-group.ts'

it('the records of groups are known by their names', () => {
  expect(GROUP_RECORDS).toEqual(GROUP_KINDS.map(({ name }) => `${name}.json`))
})

it.each([
  ['{"format": 1, "nnlab": "0.1.0"}', true],
  ['{"format": 1, "nnl', true],
  ['{"method": "bayes", "metric": {"name": "loss"}}', false],
])('files are parts of a group where its record is ours: %s', async (record, isOurs) => {
  const folder = await mkdtemp(join(tmpdir(), 'nnlab-group-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  await mkdir(join(folder, 'turns'))
  await writeFile(join(folder, 'sweep.json'), record)
  for (const path of ['sweep.json', 'config.json', join('turns', '0001.json')])
    expect([path, await isFileOfGroup(folder, path)]).toEqual([path, isOurs])
  expect(await isFileOfGroup(folder, 'report.html')).toBe(false)
})
