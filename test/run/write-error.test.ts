import { expect, it } from 'vitest'

import { RunError } from '../../src/errors.ts'
import { attempt, WriteError } from '../../src/run/atomic.ts'

it.each([
  ['ENOSPC', 'the disk is full', true],
  ['EMFILE', 'too many files are open (`ulimit -n`)', false],
  ['ENFILE', 'too many files are open on this machine', true],
  ['EFBIG', 'it would be larger than the limit on files (`ulimit -f`)', false],
  ['ENOENT', 'its folder is not there', false],
  ['EISDIR', 'a folder of that name is in the way', false],
])('%s has a message of its own, and is tried again where waiting may mend it', async (code, why, again) => {
  const failing = Promise.reject(Object.assign(new Error('refused'), { code, syscall: 'write' }))
  const error: unknown = await attempt('a.csv', () => failing).catch((error: unknown) => error)
  expect(error).toBeInstanceOf(RunError)
  expect(error).toMatchObject({ message: `cannot write a.csv: ${why}` })
  expect(error instanceof WriteError).toBe(again)
})
