import { readdir } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { DataError } from '../../errors.ts'
import { displayName, isFolder, listFolder, readBytes } from '../file.ts'
import { decodeImage, resize, withChannels } from '../image-format.ts'
import { expand } from '../paths.ts'
import type { ImagesSpec } from '../../spec/data/images.ts'
import type { Reading } from '../file.ts'
import type { Parts, Table } from '../table.ts'

/** More bytes of pixels than this are refused before memory is taken for them. */
const MOST_BYTES = 2 ** 31

export type ImagesSource = Pick<ImagesSpec, 'path' | 'image_size' | 'color_mode'> & {
  /** Whether the classes may be unknown: the images then may lie in the folder itself, or be named one by one. */
  unlabelled?: boolean
}

/** Images as [height, width, channels] and the names of their folders as labels, in the order of the names. */
export async function readImages({ path, ...options }: ImagesSource, reading: Reading): Promise<Parts> {
  if (typeof path === 'string') return { train: await readTable(path, options, reading), notes: [] }
  const { train, validation, test } = path
  const table = await readTable(train, options, reading)
  return {
    train: table,
    ...(validation !== undefined && { validation: await readTable(validation, options, reading) }),
    ...(test !== undefined && { test: await readTable(test, options, reading) }),
    notes: [],
  }
}

type ImageFile = { label: string; path: string }

/** The images in the folders of a folder. */
async function inFolders(folder: string, reading: Reading): Promise<ImageFile[]> {
  const labels = (await listFolder(folder, reading)).sort()
  const found = await Promise.all(labels.map((label) => imagesIn(join(folder, label), label, reading)))
  return found.flat()
}

async function imagesIn(folder: string, label: string, { directory }: Reading): Promise<ImageFile[]> {
  const names = await readdir(resolve(directory, folder)).catch(() => [])
  const images = names.filter((name) => /\.(png|jpe?g)$/i.test(name) && !name.startsWith('.')).sort()
  return images.map((name) => ({ label, path: join(folder, name) }))
}

/** The images that a path or a pattern stands for: of folders of classes, of a folder, or files. */
async function named(pattern: string, reading: Reading): Promise<ImageFile[]> {
  const files: ImageFile[] = []
  for (const path of await expand([pattern], reading.directory)) {
    const absolute = resolve(reading.directory, path)
    if (!(await isFolder(path, reading.directory))) files.push({ label: basename(dirname(absolute)), path })
    else {
      const direct = await imagesIn(path, basename(absolute), reading)
      files.push(...(direct.length > 0 ? direct : await inFolders(path, reading)))
    }
  }
  return files
}

async function readTable(
  folder: string,
  { image_size: [height, width], color_mode, unlabelled }: Omit<ImagesSource, 'path'>,
  reading: Reading,
): Promise<Table> {
  const files = await (unlabelled ? named : inFolders)(folder, reading)
  if (files.length === 0) {
    if (unlabelled) throw new DataError(`${folder}: there are no .png or .jpg files in it`)
    throw new DataError(`${folder}: there are no folders of .png or .jpg files in it`, {
      hint: 'each class has a folder of its own, whose name is the label: cats/1.jpg, dogs/1.jpg',
    })
  }
  const channels = color_mode === 'grayscale' ? 1 : 3
  const size = height * width * channels
  if (size * files.length > MOST_BYTES) {
    throw new DataError(
      `${folder}: ${files.length} images of ${height} x ${width} x ${channels} bytes are more than 2 GB`,
      { hint: 'make data.image_size smaller' },
    )
  }
  const values = new Uint8Array(files.length * size)
  for (const [row, { path }] of files.entries()) {
    const image = await decodeImage(await readBytes(path, reading), displayName(path))
    values.set(resize(withChannels(image, channels), height, width), row * size)
  }
  // The labels stand in the fingerprint too: renaming a folder changes the data.
  reading.fingerprint?.update([...new Set(files.map(({ label }) => label))].join(', '))
  return {
    name: displayName(folder),
    rows: files.length,
    columns: [
      { kind: 'array', name: 'images', shape: [height, width, channels], values },
      { kind: 'text', name: 'labels', values: files.map(({ label }) => label) },
    ],
    place: (row) => files[row]?.path ?? folder,
  }
}
