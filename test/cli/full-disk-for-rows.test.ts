import fs from 'node:fs'
import { readdir } from 'node:fs/promises'
import { syncBuiltinESMExports } from 'node:module'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { folderOf, nnlab } from './support.ts'

/** The disk of waiting rows: the files that lie there, and how many bytes there is room for. */
const disk = { files: new Set<number>(), room: Infinity }

const { openSync, writeSync, closeSync } = fs

/** Stands in for functions of node:fs, also where they were imported by name. */
function replace(functions: object): void {
  Object.assign(fs, functions)
  syncBuiltinESMExports()
}

beforeEach(() => {
  disk.room = Infinity
  disk.files.clear()
  replace({
    openSync: (...[path, ...how]: Parameters<typeof openSync>) => {
      const file = openSync(path, ...how)
      if (/rows-[^/]*$/.test(String(path))) disk.files.add(file)
      return file
    },
    writeSync: (file: number, bytes: Uint8Array, from: number, length: number, at: number) => {
      if (!disk.files.has(file)) return writeSync(file, bytes, from, length, at)
      if (disk.room === 0)
        throw Object.assign(new Error('ENOSPC: no space left on device'), { code: 'ENOSPC' })
      const written = writeSync(file, bytes, from, Math.min(length, disk.room), at)
      disk.room -= written
      return written
    },
    closeSync: (file: number) => {
      disk.files.delete(file)
      closeSync(file)
    },
  })
})
afterEach(() => replace({ openSync, writeSync, closeSync }))

const CONFIG = `
data: {type: csv, path: rows.csv, target: y, memory: 2 KB}
model: {input: [2], layers: [{type: dense, units: 1, activation: sigmoid}]}
compile: {loss: binary_crossentropy, optimizer: adam}
fit: {epochs: 1}
`
const ROWS = 300
const CSV = `a,b,y\n${Array.from({ length: ROWS }, (_, i) => `${Math.sin(i)},${i / ROWS},${i % 2}\n`).join('')}`

/** What a number of the table takes, and of the line numbers beside it; then an encoded row. */
const TABLE_BYTES = ROWS * 4 * 8
const ENCODED_BYTES = ROWS * (2 * 4 + 4 + 4)

it.each([0, 1, TABLE_BYTES - 1, TABLE_BYTES, TABLE_BYTES + ENCODED_BYTES - 1])(
  'a disk with room for %i bytes of waiting rows ends training with the folder and a way out',
  async (room) => {
    const cwd = await folderOf({ 'nnlab.yaml': CONFIG, 'rows.csv': CSV })
    disk.room = room
    const { code, stderr } = await nnlab(['train'], { cwd, env: { XDG_CACHE_HOME: join(cwd, 'cache') } })
    expect(stderr).toContain(`cannot write to ${join(cwd, 'cache/nnlab/rows')}, which holds rows on disk`)
    expect(stderr).toContain('the disk is full')
    expect(stderr).toContain('make room')
    expect(code).toBe(4)
    expect(disk.files.size).toBe(0)
    expect(await readdir(join(cwd, 'cache/nnlab/rows'))).toEqual([])
  },
)

it('a disk with just enough room is enough', async () => {
  const cwd = await folderOf({ 'nnlab.yaml': CONFIG, 'rows.csv': CSV })
  disk.room = TABLE_BYTES + ENCODED_BYTES
  const { code } = await nnlab(['train'], { cwd, env: { XDG_CACHE_HOME: join(cwd, 'cache') } })
  expect({ code, room: disk.room }).toEqual({ code: 0, room: 0 })
})
