import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { lstat, readFile, readlink, rm, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'

import { afterEach, expect, it, vi } from 'vitest'

import { createProgressFile, readProgress } from '../../src/run/progress-file.ts'
import { folderOf } from '../cli/support.ts'

afterEach(() => {
  vi.restoreAllMocks()
})

it('tells how far an epoch has come, at most once a second, and is gone when training ends', async () => {
  const folder = await folderOf()
  const clock = vi.spyOn(performance, 'now').mockReturnValue(0)
  const listener = createProgressFile(folder)
  listener.onTrainBegin({ epochs: 3, stepsPerEpoch: 10, stepsDone: 0 })
  const after = async (seconds: number, step: number) => {
    clock.mockReturnValue(1000 * seconds)
    await listener.onProgress(2, step)
    return readProgress(folder)
  }
  expect(await after(0.9, 1)).toBeUndefined()
  expect(await after(1.1, 2)).toEqual({ epoch: 3, step: 2, steps: 10 })
  expect(await after(1.9, 3)).toMatchObject({ step: 2 })
  expect(await after(3, 4)).toMatchObject({ step: 4 })
  // The end of an epoch is told by the history.
  expect(await after(5, 10)).toMatchObject({ step: 4 })
  await listener.close()
  expect(existsSync(join(folder, 'progress.json'))).toBe(false)
})

it('is nothing that training or a reader depends on', async () => {
  const folder = await folderOf({ 'progress.json': '{"epoch": 3, "st' })
  expect(await readProgress(folder)).toBeUndefined()
  await writeFile(join(folder, 'progress.json'), '{"epoch": 3}')
  expect(await readProgress(folder)).toBeUndefined()
  const clock = vi.spyOn(performance, 'now').mockReturnValue(0)
  const listener = createProgressFile(join(folder, 'gone'))
  clock.mockReturnValue(2000)
  await expect(listener.onProgress(0, 1)).resolves.toBeUndefined()
  await expect(listener.close()).resolves.toBeUndefined()
})

it('leaves what others put in its place, and replaces what a killed training has left', async () => {
  const folder = await folderOf()
  const path = join(folder, 'progress.json')
  const clock = vi.spyOn(performance, 'now')
  const trained = async (): Promise<void> => {
    clock.mockReturnValue(0)
    const listener = createProgressFile(folder)
    clock.mockReturnValue(2000)
    await listener.onProgress(0, 1)
    await listener.close()
  }
  for (const text of ['', 'mine', '{"mine": 1}']) {
    await writeFile(path, text)
    await trained()
    expect(await readFile(path, 'utf8')).toBe(text)
  }
  await rm(path)
  await writeFile(join(folder, 'mine'), 'mine')
  await symlink('mine', path)
  await trained()
  expect([await readlink(path), await readFile(path, 'utf8')]).toEqual(['mine', 'mine'])
  await rm(path)
  if (process.platform !== 'win32') {
    spawnSync('mkfifo', [path])
    await trained()
    expect((await lstat(path)).isFIFO()).toBe(true)
    await rm(path)
  }
  await writeFile(path, '{"epoch":3,"st')
  await trained()
  expect(existsSync(path)).toBe(false)
})
