import { readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { expect, it } from 'vitest'

import { disk } from '../../src/run/files.ts'
import { tryLock } from '../../src/run/lock.ts'
import { Heartbeat } from '../../src/sweep/heartbeat.ts'
import { folderOf } from '../cli/support.ts'

const OTHER = { host: 'elsewhere', pid: 7 }

it('takes a process of another machine for dead that has given no sign of life for two minutes', async () => {
  const folder = await folderOf({ 'workers/elsewhere-7': '1\n' })
  let now = 0
  const heartbeat = new Heartbeat(folder, { files: disk, process }, () => now)
  expect(await heartbeat.isAlive(OTHER)).toBe(true)
  now = 100_000
  expect(await heartbeat.isAlive(OTHER)).toBe(true)
  await writeFile(join(folder, 'workers/elsewhere-7'), '2\n')
  now = 130_000
  expect(await heartbeat.isAlive(OTHER)).toBe(true)
  now = 240_000
  expect(await heartbeat.isAlive(OTHER)).toBe(true)
  now = 250_001
  expect(await heartbeat.isAlive(OTHER)).toBe(false)
  expect(await readdir(join(folder, 'workers'))).toEqual([])
})

it('lets the lock of a dead process of another machine be taken, and that of a living one not', async () => {
  const folder = await folderOf({ 'turn.lock': '{"pid":7,"host":"elsewhere"}\n' })
  const path = join(folder, 'turn.lock')
  expect(await tryLock(path, process)).toBeUndefined()
  expect(await tryLock(path, process, () => Promise.resolve(true))).toBeUndefined()
  const release = await tryLock(path, process, () => Promise.resolve(false))
  expect(release).toBeDefined()
  expect(await tryLock(path, process, () => Promise.resolve(false))).toBeUndefined()
  await release?.()
})

it('writes a sign while it works, and fails where another has taken it for dead', async () => {
  const folder = await folderOf()
  const heartbeat = new Heartbeat(folder, { files: disk, process }, () => 0, 20)
  const signs = await heartbeat.during(() => readdir(join(folder, 'workers')))
  expect(signs).toHaveLength(1)
  expect(await readdir(join(folder, 'workers'))).toEqual([])
  const declaredDead = heartbeat.during(async (isDead) => {
    await rm(join(folder, 'workers'), { recursive: true })
    await new Promise((done) => isDead.addEventListener('abort', done))
  })
  await expect(declaredDead).rejects.toThrow('no sign of life')
})
