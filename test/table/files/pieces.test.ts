import { execFileSync } from 'node:child_process'
import { constants } from 'node:fs'
import { open, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, it, onTestFinished, vi } from 'vitest'

import { readChunks } from '../../../src/table/files/file.ts'
import { pipePieces } from '../../../src/table/files/pieces.ts'
import { folderOf } from '../../data/support.ts'

/** The milliseconds that tests wait for what does not come. */
const SHORT = 20

it.skipIf(process.platform === 'win32')('a pipe without a writer ends in an error', async () => {
  const { path, file } = await pipe()
  await expect(pipePieces(path, file, SHORT).next()).rejects.toMatchObject({
    message: `${path}: is a pipe that no program writes to`,
    hint: 'start the program that writes to it first, or name a file',
  })
})

it.skipIf(process.platform === 'win32')(
  'a pipe with a writer is waited for, however late it writes',
  async () => {
    const { path, file } = await pipe()
    const writer = await open(path, 'w')
    const pieces = pipePieces(path, file, -1)
    const first = pieces.next()
    // By then the reader has looked several times.
    await new Promise((resolve) => setTimeout(resolve, SHORT))
    await writer.write('late')
    expect(Buffer.from((await first).value ?? []).toString()).toBe('late')
    await writer.close()
    expect(await pieces.next()).toEqual({ value: undefined, done: true })
  },
)

it.skipIf(process.platform === 'win32')('a pipe is waited for until its writer comes', async () => {
  const { path, file } = await pipe()
  const first = pipePieces(path, file).next()
  await writeFile(path, 'first')
  expect(Buffer.from((await first).value ?? []).toString()).toBe('first')
})

/** A named pipe, opened as sources open it. */
async function pipe() {
  const path = join(await folderOf({}), 'pipe')
  execFileSync('mkfifo', [path])
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK)
  onTestFinished(() => file.close())
  return { path, file }
}

it('a small file takes no more room than it has bytes', async () => {
  const directory = await folderOf({ 'rows.csv': 'a,b\n1,2\n' })
  const allocate = vi.spyOn(Buffer, 'allocUnsafe')
  onTestFinished(() => allocate.mockRestore())
  const pieces: Uint8Array[] = []
  for await (const piece of readChunks('rows.csv', { directory })) pieces.push(piece)
  expect(Buffer.concat(pieces).toString()).toBe('a,b\n1,2\n')
  expect(Math.max(...allocate.mock.calls.map(([size]) => size))).toBeLessThan(100)
})
