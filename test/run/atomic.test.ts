import { mkdir, mkdtemp, readFile, readdir, readlink, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, relative } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { expect, it, onTestFinished } from 'vitest'

import {
  WriteError,
  attempt,
  linkedPlace,
  writeFileAtomic,
  writeFilesAtomic,
  writeFolderAtomic,
} from '../../src/run/atomic.ts'
import { disk } from '../../src/run/files.ts'
import type { Contents } from '../../src/run/files.ts'

async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'nnlab-atomic-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return folder
}

it('leaves what was there where the new one cannot be written, and nothing beside it', async () => {
  const folder = await emptyFolder()
  await writeFileAtomic(join(folder, 'file'), 'old')
  await writeFolderAtomic(join(folder, 'model'), new Map([['a', 'old']]))
  for (const failing of ['write', 'rename', 'syncFolder'] as const) {
    const fail = (): Promise<void> =>
      Promise.reject(Object.assign(new Error('ENOSPC'), { code: 'ENOSPC', syscall: failing }))
    const full = { ...disk, [failing]: fail }
    if (failing !== 'syncFolder')
      await expect(writeFileAtomic(join(folder, 'file'), 'new', full)).rejects.toThrow('the disk is full')
    const writing = writeFolderAtomic(join(folder, 'model'), new Map([['a', 'new']]), full)
    await expect(writing).rejects.toThrow(WriteError)
  }
  // The old one is out of the way already.
  const rename = (from: string, to: string): Promise<void> =>
    to.endsWith('model') && !from.includes('old')
      ? Promise.reject(Object.assign(new Error('EIO'), { code: 'EIO', syscall: 'rename' }))
      : disk.rename(from, to)
  const files = { ...disk, rename }
  await expect(writeFolderAtomic(join(folder, 'model'), new Map([['a', 'new']]), files)).rejects.toThrow(
    'EIO',
  )
  expect(await readFile(join(folder, 'file'), 'utf8')).toBe('old')
  expect(await readFile(join(folder, 'model/a'), 'utf8')).toBe('old')
  expect((await readdir(folder)).sort()).toEqual(['file', 'model'])
})

it('waits for all files of a folder before it is removed, as one of them cannot be written', async () => {
  const folder = await emptyFolder()
  const write = async (path: string, contents: Contents): Promise<void> => {
    if (path.endsWith('full')) throw Object.assign(new Error('ENOSPC'), { code: 'ENOSPC', syscall: 'write' })
    await sleep(20)
    await disk.write(path, contents)
  }
  const removeFolder = async (path: string): Promise<void> => {
    await sleep(60)
    await disk.removeFolder(path)
  }
  const contents = new Map([
    ['full', ''],
    ['slow', ''],
  ])
  const writing = writeFolderAtomic(join(folder, 'model'), contents, { ...disk, write, removeFolder })
  await expect(writing).rejects.toThrow('the disk is full')
  expect(await readdir(folder)).toEqual([])
})

it('puts no file in the place of a link, and finds the place that links lead to', async () => {
  const folder = await emptyFolder()
  await mkdir(join(folder, 'far'))
  await writeFile(join(folder, 'far/mine'), 'mine')
  await symlink('far', join(folder, 'near'))
  await symlink('near/second', join(folder, 'first'))
  await symlink('mine', join(folder, 'far/second'))
  await symlink('far/nowhere', join(folder, 'dangling'))
  await symlink('circle', join(folder, 'circle'))
  for (const name of ['first', 'dangling', 'circle']) {
    await expect(writeFileAtomic(join(folder, name), 'new')).rejects.toThrow('it is a link, not a file')
    const several = new Map([
      ['beside', 'new'],
      [name, 'new'],
    ])
    await expect(writeFilesAtomic(folder, several)).rejects.toThrow('it is a link, not a file')
  }
  expect((await readdir(folder)).sort()).toEqual(['circle', 'dangling', 'far', 'first', 'near'])
  expect(await readFile(join(folder, 'far/mine'), 'utf8')).toBe('mine')
  await writeFileAtomic(await linkedPlace(join(folder, 'first')), 'new')
  await writeFileAtomic(await linkedPlace(join(folder, 'dangling')), 'new')
  expect(await readFile(join(folder, 'far/mine'), 'utf8')).toBe('new')
  expect(await readFile(join(folder, 'far/nowhere'), 'utf8')).toBe('new')
  expect(await readlink(join(folder, 'first'))).toBe('near/second')
  await expect(writeFileAtomic(await linkedPlace(join(folder, 'circle')), 'new')).rejects.toThrow('a link')
})

it('writes the folder that a link leads to, whose other files stay where they are', async () => {
  const folder = await emptyFolder()
  await mkdir(join(folder, 'far/model'), { recursive: true })
  await writeFile(join(folder, 'far/model/mine'), 'mine')
  await symlink('far/model', join(folder, 'model'))
  await writeFolderAtomic(join(folder, 'model'), new Map([['a', 'new']]))
  expect(await readlink(join(folder, 'model'))).toBe('far/model')
  expect((await readdir(join(folder, 'far/model'))).sort()).toEqual(['a', 'mine'])
  expect([...(await readdir(folder)), ...(await readdir(join(folder, 'far')))].sort()).toEqual([
    'far',
    'model',
    'model',
  ])
})

it('writes several files, the folder of the last one last, and leaves none aside where one fails', async () => {
  const folder = await emptyFolder()
  const contents = new Map([
    ['model/a', '1'],
    ['model/b', '2'],
    ['record', '3'],
  ])
  const done: string[] = []
  const told = {
    ...disk,
    rename: (from: string, to: string) => (done.push(relative(folder, to)), disk.rename(from, to)),
    syncFolder: (path: string) => (done.push(`sync ${relative(folder, path)}`), disk.syncFolder(path)),
  }
  await writeFilesAtomic(folder, contents, told)
  expect(done).toEqual(['model/a', 'model/b', 'sync model', 'record', 'sync '])
  const fails = (path: string): boolean => path.includes('record')
  const write = (path: string, text: Contents): Promise<void> =>
    fails(path)
      ? Promise.reject(Object.assign(new Error('ENOSPC'), { code: 'ENOSPC', syscall: 'write' }))
      : disk.write(path, text)
  const newer = new Map(Array.from(contents, ([name]) => [name, 'new']))
  await expect(writeFilesAtomic(folder, newer, { ...disk, write })).rejects.toThrow('the disk is full')
  expect(await readFile(join(folder, 'model/a'), 'utf8')).toBe('1')
  expect((await readdir(folder, { recursive: true })).sort()).toEqual([
    'model',
    'model/a',
    'model/b',
    'record',
  ])
})

it('takes no bug of ours for something that may be tried again', async () => {
  const bug = Object.assign(new TypeError('no string'), { code: 'ERR_INVALID_ARG_TYPE' })
  await expect(attempt('file', () => Promise.reject(bug))).rejects.toBe(bug)
})
