import { mkdir, mkdtemp, readdir, readlink, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { describe, expect, it, onTestFinished } from 'vitest'

import { createRunFolder, latestRunIn, linkLatest, requireOwn } from '../../src/run/folder.ts'

const ID = '05c8a8a4-1f5a-4c84-9b53-0e1f6a3f2f10'
const OWNER = '{"pid":999999999,"host":"elsewhere"}\n'

async function folderOf(files: Record<string, string>): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'nnlab-own-'))
  onTestFinished(() => rm(folder, { recursive: true, force: true }))
  for (const [name, text] of Object.entries(files)) await writeFile(join(folder, name), text)
  return folder
}

describe('the folder of a run whose process was killed before it had a record', () => {
  it.each<[string, Record<string, string>]>([
    ['before it wrote anything', {}],
    ['when it made its lock', { [`run.lock.${ID}`]: '' }],
    ['when it wrote its lock', { [`run.lock.${ID}`]: OWNER.slice(0, 9) }],
    ['before it linked its lock', { [`run.lock.${ID}`]: OWNER }],
    ['when it had locked', { 'run.lock': OWNER, [`run.lock.${ID}`]: OWNER }],
    ['when it had removed the lock of another', { [`run.lock.${ID}`]: OWNER, 'config.yaml': 'name: a' }],
    ['when it was removing it', { [`run.lock.${ID}`]: OWNER, 'run.lock.taking': OWNER, 'spec.json': '{}' }],
    ['when it wrote its config', { 'run.lock': OWNER, [`config.yaml.part-${ID}`]: 'na' }],
    ['when it wrote its record', { 'run.lock': OWNER, 'spec.json': '{}', [`run.json.part-${ID}`]: '{' }],
  ])('can be used again: %s', async (_, files) => {
    await expect(requireOwn(await folderOf(files))).resolves.toBeUndefined()
  })

  it.each<[string, Record<string, string>]>([
    ['a config', { 'config.yaml': 'name: a' }],
    ['a file of the name of a lock', { 'run.lock': 'mine' }],
    ['a file beside a lock', { 'run.lock': OWNER, 'notes.txt': 'mine' }],
    ['a file like a lock', { 'run.lock.bak': OWNER }],
  ])('is no folder that somebody else made, of %s', async (_, files) => {
    await expect(requireOwn(await folderOf(files))).rejects.toThrow('is not empty and holds no run')
  })
})

it('is refused where it is a file or a link to nothing; below a file it is refused when it is made', async () => {
  const folder = await folderOf({ file: '' })
  await symlink('gone', join(folder, 'link'))
  await expect(requireOwn(join(folder, 'file'))).rejects.toMatchObject({
    message: `${join(folder, 'file')} is a file`,
    hint: 'name a folder',
  })
  await expect(requireOwn(join(folder, 'link'))).rejects.toThrow('cannot be read: its link leads nowhere')
  for (const missing of ['gone', 'file/run']) await requireOwn(join(folder, missing))
  await expect(createRunFolder('', 'net', join(folder, 'file/run'))).rejects.toThrow(
    'a part of the path is a file',
  )
})

describe('the last of the numbered runs', () => {
  const runs = async (): Promise<string> => {
    const folder = await folderOf({})
    for (const name of ['999', '1000', 'cv-001']) await mkdir(join(folder, name))
    return realpath(folder)
  }

  it('is that of the link, which leads to the run that began last', async () => {
    const folder = await runs()
    await linkLatest(join(folder, '1000'))
    await linkLatest(join(folder, '999'))
    expect(await readlink(join(folder, 'latest'))).toBe('999')
    expect(await latestRunIn(folder)).toBe(join(folder, '999'))
  })

  it.each(['EPERM', 'ENOTSUP', 'ENOSYS'])(
    'has the highest number where there are no links: %s',
    async (code) => {
      const folder = await runs()
      await linkLatest(join(folder, '999'), () => Promise.reject(Object.assign(new Error(code), { code })))
      expect(await readdir(folder)).not.toContain('latest')
      expect(await latestRunIn(folder)).toBe(join(folder, '1000'))
    },
  )

  it('is none where there are no runs', async () => {
    expect(await latestRunIn(await folderOf({}))).toBeUndefined()
  })
})
