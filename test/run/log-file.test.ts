import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { expect, it, onTestFinished } from 'vitest'

import { disk } from '../../src/run/files.ts'
import { LogFile } from '../../src/run/log-file.ts'

async function logIn(text: string): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'nnlab-log-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const path = join(folder, 'history.csv')
  await writeFile(path, text)
  return path
}

it('goes on after the bytes that are kept', async () => {
  const path = await logIn('epoch,loss\n1,0.5\n2,0.4\n')
  const log = new LogFile(path)
  log.open('epoch,loss\n1,0.5\n'.length)
  log.write('2,0.3\n')
  log.close()
  expect(await readFile(path, 'utf8')).toBe('epoch,loss\n1,0.5\n2,0.3\n')
})

it('refuses a file that is shorter than what should be kept, and leaves it as it is', async () => {
  const path = await logIn('epoch,loss\n')
  expect(() => new LogFile(path).open(17)).toThrow(
    'has 11 bytes, but the checkpoint was written when it had 17',
  )
  expect(await readFile(path, 'utf8')).toBe('epoch,loss\n')
  // Those of callbacks lie in folders of their own.
  expect(() => new LogFile(path, disk, '/runs/line/001').open(17)).toThrow(
    expect.objectContaining({ hint: expect.stringMatching(/--fork \/runs\/line\/001$/) as unknown }),
  )
})
