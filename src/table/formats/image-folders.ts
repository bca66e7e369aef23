import { resolve } from 'node:path'

import { counted, list } from '../../wording.ts'
import { readColumns } from '../columns/column-reader.ts'
import type { ColumnReader } from '../columns/column-reader.ts'
import type { TableReading } from '../columns/reading.ts'
import { displayName, namesIn, readBytes } from '../files/file.ts'
import type { Table } from '../table.ts'
import { filesOfClasses, markLabels } from './class-folders.ts'
import type { ChosenFiles, LabeledFile } from './class-folders.ts'
import { decodeImage, resize, withChannels } from './image.ts'
import { IMAGE_NAME } from './image-names.ts'

/** Bytes of a reference to a string in memory. */
const LABEL_BYTES = 8

const IMAGES = { endings: IMAGE_NAME, kind: '.png or .jpg', example: 'cats/1.jpg, dogs/1.jpg' }

/** Names of pictures in formats that are not read. */
const OTHER_PICTURES = /^[^.].*\.(jfif|webp|gif|bmp|tiff?|heic|heif|avif|jp2|svg)$/i

/** The images to read, and the form that each gets. */
export type ImageForm = ChosenFiles & {
  /** Height and width. */
  size: [number, number]
  channels: 1 | 3
}

/** Reads images as [height, width, channels] and the names of their folders as labels, in the order of the names. */
export async function readImages(
  folder: string,
  { size: [height, width], channels, ...chosen }: ImageForm,
  reading: TableReading,
): Promise<Table> {
  const files = await filesOfClasses(folder, { ...IMAGES, ...chosen }, reading)
  const file = (row: number): string => files[row]?.path ?? folder
  const table = await readColumns(
    { name: displayName(folder), place: file, file },
    [imageReader(files, [height, width, channels], reading), labelReader(files)],
    reading.spool,
  )
  markLabels(files, reading)
  return { ...table, notes: await notesOnOthers(folder, reading) }
}

/** A note on pictures in the folder, or in its folders, that are left out for their format. */
async function notesOnOthers(folder: string, { directory }: TableReading): Promise<string[]> {
  const names = (await namesIn(resolve(directory, folder))) ?? []
  const others = names.filter((name) => OTHER_PICTURES.test(name)).sort()
  if (others.length === 0) return []
  const found = `${counted(others.length, 'picture')} (${list(others, 2)})`
  return [`${displayName(folder)}: left out ${found}: only .png and .jpg are read`]
}

/** Reads images from their files, in their order. */
export function imageReader(
  files: readonly LabeledFile[],
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

function labelReader(files: readonly LabeledFile[]): ColumnReader {
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
