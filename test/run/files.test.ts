import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { describe, expect, it, onTestFinished } from 'vitest'

import { linkNew, patiently } from '../../src/run/files.ts'

/** An action that fails a number of times, and counts its calls. */
function failing(times: number, code: string): { act: () => Promise<string>; calls: () => number } {
  let calls = 0
  const act = (): Promise<string> => {
    calls += 1
    return calls > times ? Promise.resolve('done') : Promise.reject(Object.assign(new Error(code), { code }))
  }
  return { act, calls: () => calls }
}

describe('a file that another program has open for a moment', () => {
  it.each(['EPERM', 'EACCES', 'EBUSY'])('is waited for on Windows: %s', async (code) => {
    const { act, calls } = failing(2, code)
    expect(await patiently(act, 'win32')).toBe('done')
    expect(calls()).toBe(3)
  })

  it('is no reason to wait elsewhere, nor is another error', async () => {
    for (const [system, code] of [['linux', 'EBUSY'] as const, ['win32', 'ENOSPC'] as const]) {
      const { act, calls } = failing(2, code)
      await expect(patiently(act, system)).rejects.toMatchObject({ code })
      expect(calls()).toBe(1)
    }
  })
})

it.each(['EPERM', 'ENOTSUP', 'ENOSYS'])(
  'a new name is that of a copy where there are no links: %s',
  async (code) => {
    const folder = await mkdtemp(join(tmpdir(), 'nnlab-links-'))
    onTestFinished(() => rm(folder, { recursive: true }))
    const [from, to] = [join(folder, 'mine'), join(folder, 'lock')]
    await writeFile(from, 'owner')
    const make = (): Promise<never> => Promise.reject(Object.assign(new Error(code), { code }))
    expect(await linkNew(from, to, make)).toBe(true)
    expect(await readFile(to, 'utf8')).toBe('owner')
    await writeFile(from, 'other')
    expect(await linkNew(from, to, make)).toBe(false)
    expect(await readFile(to, 'utf8')).toBe('owner')
  },
)
