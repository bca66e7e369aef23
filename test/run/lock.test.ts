import { writeFileSync } from 'node:fs'
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises'
import { hostname, tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, it, onTestFinished } from 'vitest'

import { lockRun, ownerOf, tryLock, unlockElsewhere } from '../../src/run/lock.ts'

async function emptyFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'nnlab-lock-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  return folder
}

it('lets one process in at a time, and tells the other whose the folder is', async () => {
  const folder = await emptyFolder()
  const unlock = await lockRun(folder, process)
  await expect(lockRun(folder, process)).rejects.toMatchObject({
    name: 'PlaceError',
    message: `${folder} is in use by process ${process.pid}`,
  })
  expect(await ownerOf(folder, process)).toMatchObject({ pid: process.pid })
  await unlock()
  expect(await readdir(folder)).toEqual([])
  await (
    await lockRun(folder, process)
  )()
})

it.each([
  ['a process that has ended', { pid: 2 ** 22 + 1, host: hostname(), started: '5' }],
  ['an earlier process of the same number', { pid: process.pid, host: hostname(), started: '5' }],
])('is taken over from %s', async (_what, owner) => {
  const folder = await emptyFolder()
  await writeFile(join(folder, 'run.lock'), JSON.stringify(owner))
  expect(await ownerOf(folder, process)).toBeUndefined()
  const unlock = await lockRun(folder, process)
  expect(JSON.parse(await readFile(join(folder, 'run.lock'), 'utf8'))).toMatchObject({ pid: process.pid })
  await unlock()
})

it.each(['{"pi', ''])('is taken over where its file is damaged: %j', async (left) => {
  const folder = await emptyFolder()
  await writeFile(join(folder, 'run.lock'), left)
  await (
    await lockRun(folder, process)
  )()
  expect(await readdir(folder)).toEqual([])
})

it('is left to a process on another machine', async () => {
  const folder = await emptyFolder()
  await writeFile(join(folder, 'run.lock'), JSON.stringify({ pid: 1, host: 'elsewhere' }))
  await expect(lockRun(folder, process)).rejects.toThrow('in use by process 1 on elsewhere')
})

it('of another machine is removed for one that knows that its process is dead, of this machine never', async () => {
  const folder = await emptyFolder()
  const path = join(folder, 'run.lock')
  await writeFile(path, JSON.stringify({ pid: 1, host: hostname() }))
  await unlockElsewhere(folder)
  expect(await readdir(folder)).toEqual(['run.lock'])
  await writeFile(path, JSON.stringify({ pid: 1, host: 'elsewhere' }))
  await unlockElsewhere(folder)
  expect(await readdir(folder)).toEqual([])
})

it("stays a living process's, of another user too", async () => {
  const folder = await emptyFolder()
  await writeFile(join(folder, 'run.lock'), JSON.stringify({ pid: process.pid, host: hostname() }))
  const forbidden = Object.assign(new Error('not permitted'), { code: 'EPERM' })
  const host = {
    pid: process.pid,
    version: process.version,
    kill() {
      throw forbidden
    },
  }
  expect(await ownerOf(folder, host)).toMatchObject({ pid: process.pid })
  await expect(lockRun(folder, host)).rejects.toThrow('is in use by process')
})

it('goes to one of many that want it at once', async () => {
  const folder = await emptyFolder()
  await writeFile(join(folder, 'run.lock'), JSON.stringify({ pid: 2 ** 22 + 1, host: hostname() }))
  const tries = await Promise.allSettled(Array.from({ length: 8 }, () => lockRun(folder, process)))
  expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
})

it('stays with a process that has taken it over since it was seen to be dead', async () => {
  const folder = await emptyFolder()
  const path = join(folder, 'run.lock')
  const lockOf = (pid: number): string => JSON.stringify({ pid, host: hostname() })
  await writeFile(path, lockOf(2 ** 22 + 1))
  const host = {
    pid: process.pid,
    version: process.version,
    kill(pid: number) {
      if (pid === process.pid) return true
      writeFileSync(path, lockOf(process.pid))
      throw new Error('no such process')
    },
  }
  expect(await tryLock(path, host)).toBeUndefined()
  expect(await readFile(path, 'utf8')).toBe(lockOf(process.pid))
  expect(await readdir(folder)).toEqual(['run.lock'])
})
