import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { SpoolFile } from '../../../src/table/columns/spool-file.ts'
import { DataError } from '../../../src/errors.ts'
import { folderOf } from '../../data/support.ts'

describe('a file of waiting rows', () => {
  it('gives back what it was given, and leaves nothing behind', async () => {
    const folder = await folderOf({})
    const file = new SpoolFile(join(folder, 'cache', 'rows'))
    onTestFinished(() => file.close())
    const starts = [Float64Array.of(1.5, NaN), Uint8Array.of(7), Int32Array.of(-3)].map((array) =>
      file.append(array),
    )
    expect(starts).toEqual([0, 16, 17])
    expect(file.readSync(0, new Float64Array(2))).toEqual(Float64Array.of(1.5, NaN))
    expect(await file.read(17, new Int32Array(1))).toEqual(Int32Array.of(-3))
    expect(await readdir(join(folder, 'cache', 'rows'))).toEqual([])
  })

  it('says where it cannot be written, and what to do', async () => {
    const folder = await folderOf({ taken: '' })
    const open = () => new SpoolFile(join(folder, 'taken'))
    expect(open).toThrow(DataError)
    expect(open).toThrow(`cannot write to ${join(folder, 'taken')}, which holds rows on disk`)
  })

  it('says that it was cut off', async () => {
    const file = new SpoolFile(await folderOf({}))
    onTestFinished(() => file.close())
    await expect(file.read(0, new Uint8Array(1))).rejects.toThrow(DataError)
  })
})
