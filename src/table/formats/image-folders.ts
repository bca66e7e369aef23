import { readdir } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'

import { DataError } from '../../errors.ts'
import { readColumns } from '../columns/column-reader.ts'
import type { ColumnReader } from '../columns/column-reader.ts'
import type { TableReading } from '../columns/reading.ts'
import { displayName, isFolder, listFolder, readBytes } from '../files/file.ts'
import { expand } from '../files/patterns.ts'
import type { Table } from '../table.ts'
import { decodeImage, resize, withChannels } from './image.ts'

/** Bytes of a reference to a string in memory. */
const LABEL_BYTES = 8

/** The form that every image gets. */
export type ImageForm = {
  /** Height and width. */
  size: [number, number]
  channels: 1 | 3
  /** The classes may be unknown: images may be in the folder itself, or be named one by one. */
  isUnlabelled?: boolean
  /** The most images to read, as many of each class. */
  limit?: number | undefined
}

/** Reads images as [height, width, channels] and the names of their folders as labels, in the order of the names. */
export async function readImages(
  folder: string,
  { size: [height, width], channels, isUnlabelled, limit = Infinity }: ImageForm,
  reading: TableReading,
): Promise<Table> {
  const files = ofEachClass(await (isUnlabelled ? named : inFolders)(folder, reading), limit)
  if (files.length === 0) {
    if (isUnlabelled) throw new DataError(`${folder}: there are no .png or .jpg files in it`)
    throw new DataError(`${folder}: there are no folders of .png or .jpg files in it`, {
      hint: 'each class has a folder of its own, whose name is the label: cats/1.jpg, dogs/1.jpg',
    })
  }
  const file = (row: number): string => files[row]?.path ?? folder
  const table = await readColumns(
    { name: displayName(folder), place: file, file },
    [imageReader(files, [height, width, channels], reading), labelReader(files)],
    reading.spool,
  )
  // The fingerprint covers the labels: renaming a folder changes the data.
  reading.fingerprint?.update([...new Set(files.map(({ label }) => label))].join(', '))
  return table
}

type ImageFile = { label: string; path: string }

/** The first files of each class, in their order; some classes have one more than others. */
function ofEachClass(files: readonly ImageFile[], limit: number): readonly ImageFile[] {
  if (files.length <= limit) return files
  const counts = new Map<string, number>()
  const ranks = files.map(({ label }) => {
    const rank = counts.get(label) ?? 0
    counts.set(label, rank + 1)
    return rank
  })
  const chosen = [...files.keys()].sort((a, b) => (ranks[a] ?? 0) - (ranks[b] ?? 0)).slice(0, limit)
  const isChosen = new Set(chosen)
  return files.filter((_, i) => isChosen.has(i))
}

/** The images in the folders of a folder. */
async function inFolders(folder: string, reading: TableReading): Promise<ImageFile[]> {
  const labels = (await listFolder(folder, reading)).sort()
  const found = await Promise.all(labels.map((label) => imagesIn(join(folder, label), label, reading)))
  return found.flat()
}

async function imagesIn(folder: string, label: string, { directory }: TableReading): Promise<ImageFile[]> {
  const names = await readdir(resolve(directory, folder)).catch(() => [])
  const images = names.filter((name) => /\.(png|jpe?g)$/i.test(name) && !name.startsWith('.')).sort()
  return images.map((name) => ({ label, path: join(folder, name) }))
}

/** The images of a path or a pattern: in folders of classes, in a folder, or files. */
async function named(pattern: string, reading: TableReading): Promise<ImageFile[]> {
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

/** Reads images from their files, in their order. */
export function imageReader(
  files: readonly ImageFile[],
  [height, width, channels]: [number, number, 1 | 3],
  reading: TableReading,
): ColumnReader {
  const size = height * width * channels
  let position = 0
  return {
    rows: files.length,
    rowBytes: size,
    async read(count) {
      const values = new Uint8Array(count * size)
      const next = files.slice(position, (position += count))
      for (const [row, { path }] of next.entries()) {
        const image = await decodeImage(await readBytes(path, reading), displayName(path))
        values.set(resize(withChannels(image, channels), height, width), row * size)
      }
      return { kind: 'array', name: 'images', shape: [height, width, channels], values }
    },
  }
}

function labelReader(files: readonly ImageFile[]): ColumnReader {
  let position = 0
  return {
    rows: files.length,
    rowBytes: LABEL_BYTES,
    read(count) {
      const next = files.slice(position, (position += count))
      return Promise.resolve({ kind: 'string', name: 'labels', values: next.map(({ label }) => label) })
    },
  }
}
