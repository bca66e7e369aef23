import { readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { DataError } from '../../errors.ts'
import { listFolder, readBytes } from '../file.ts'
import { decodeImage, resize, withChannels } from '../image-format.ts'
import { list } from '../table.ts'
import type { ImagesSpec } from '../../spec/data/images.ts'
import type { Reading } from '../file.ts'
import type { Parts, Table } from '../table.ts'

/** More bytes of pixels than this are refused before memory is taken for them. */
const MOST_BYTES = 2 ** 31

type Options = Pick<ImagesSpec, 'path' | 'image_size' | 'color_mode'>

/** Images as [height, width, channels] and the names of their folders as labels, in the order of the names. */
export async function readImages({ path, ...options }: Options, reading: Reading): Promise<Parts> {
  if (typeof path === 'string') return { train: await readFolder(path, options, reading), notes: [] }
  const { train, validation, test } = path
  const table = await readFolder(train, options, reading)
  return {
    train: table,
    ...(validation !== undefined && { validation: await readFolder(validation, options, reading) }),
    ...(test !== undefined && { test: await readFolder(test, options, reading) }),
    notes: [],
  }
}

async function readFolder(folder: string, options: Omit<Options, 'path'>, reading: Reading): Promise<Table> {
  const files: { label: string; path: string }[] = []
  const labels: string[] = []
  for (const label of (await listFolder(folder, reading)).sort()) {
    const names = await readdir(join(reading.directory, folder, label)).catch(() => [])
    const images = names.filter((name) => /\.(png|jpe?g)$/i.test(name) && !name.startsWith('.')).sort()
    if (images.length > 0) labels.push(label)
    for (const name of images) files.push({ label, path: join(folder, label, name) })
  }
  if (files.length === 0) {
    throw new DataError(`${folder}: there are no folders of .png or .jpg files in it`, {
      hint: 'each class has a folder of its own, whose name is the label: cats/1.jpg, dogs/1.jpg',
    })
  }
  const [height, width] = options.image_size
  const channels = options.color_mode === 'grayscale' ? 1 : 3
  const size = height * width * channels
  if (size * files.length > MOST_BYTES) {
    throw new DataError(
      `${folder}: ${files.length} images of ${height} x ${width} x ${channels} bytes are more than 2 GB`,
      { hint: 'make data.image_size smaller' },
    )
  }
  const values = new Uint8Array(files.length * size)
  for (const [row, { path }] of files.entries()) {
    const image = await decodeImage(await readBytes(path, reading), path)
    values.set(resize(withChannels(image, channels), height, width), row * size)
  }
  // The labels stand in the fingerprint too: renaming a folder changes the data.
  reading.fingerprint?.update(list(labels, labels.length))
  return {
    name: folder,
    rows: files.length,
    columns: [
      { kind: 'array', name: 'images', shape: [height, width, channels], values },
      { kind: 'text', name: 'labels', values: files.map(({ label }) => label) },
    ],
    place: (row) => files[row]?.path ?? folder,
  }
}
