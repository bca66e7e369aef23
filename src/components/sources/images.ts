import { dirname } from 'node:path'
import * as z from 'zod'

import { DataError } from '../../errors.ts'
import type { ImageForm } from '../../table/formats/image-folders.ts'
import type { ImageList } from '../../table/formats/image-list.ts'
import { IMAGE_NAME } from '../../table/formats/image-names.ts'
import { columnNamed } from '../../table/table.ts'
import type { DividedTables, Table } from '../../table/table.ts'
import { list } from '../../wording.ts'
import { arrayKeys, arraySelection, arraysWithPositives } from './options/arrays.ts'
import { classFolders, filesOrFractions, namesValidation } from './options/files.ts'
import type { Divided } from './options/files.ts'
import { ColumnName, Memory } from './options/rows.ts'
import { defineSource } from './source.ts'
import type { SourceReading, TrainedRows } from './source.ts'

const Side = z.int().min(1).max(4096)

export const images = defineSource({
  type: 'images',
  summary:
    'PNG and JPEG files: in folders, one for each class, or in the rows of a csv file with their targets',
  paths: ['path', 'table'],
  endings: IMAGE_NAME,
  claimsFolder: () => true,
  options: () => ({
    path: classFolders('images'),
    table: z
      .strictObject({
        path: z.string().min(1).describe('The csv file'),
        image: ColumnName.optional().describe(
          'The column of file names, which start from `path`. Default: the first column',
        ),
        target: z
          .union([ColumnName, z.array(ColumnName).min(1)])
          .describe('The column of labels or numbers, or a list of columns'),
      })
      .optional()
      .describe(
        'A csv file with a row for each image, as in {path: prices.csv, image: file, target: price}, in place of folders of classes. New rows may be images, folders, or such a file with `nnlab predict --from images`, whose names start from its own folder',
      ),
    image_size: z
      .tuple([Side, Side])
      .default([256, 256])
      .describe('Height and width in pixels, to which every image is resized (bilinear)'),
    color_mode: z.enum(['rgb', 'grayscale']).default('rgb').describe('Three channels per pixel, or one'),
    memory: Memory,
    ...arrayKeys,
  }),
  rules: [
    filesOrFractions,
    {
      needs: ['path', 'table'],
      check({ path, table }, report) {
        if (table === undefined || typeof path === 'string') return
        const hint = 'write one folder in path, and the fractions in split'
        report(['table'], 'table is for a single folder', { code: 'split', at: 'key', hint })
      },
    },
  ],
  memory: ({ memory }) => memory,
  ownValidation: namesValidation,
  selection: ({ features, image_size, color_mode, target, table }) =>
    arraySelection({
      input: 'images',
      labels: table?.target ?? 'labels',
      ...features,
      target,
      shape: { of: [...image_size, channelsOf(color_mode)], path: ['data', 'image_size'] },
    }),
  withPositives: arraysWithPositives,
  read({ path, image_size, color_mode, limit, table }, reading) {
    const form = { size: image_size, channels: channelsOf(color_mode), limit }
    if (typeof path === 'string') {
      if (!table) return readFolders({ train: path }, form, reading)
      const list = { image: table.image, columns: [table.target].flat() }
      return readList(path, table.path, () => list, form, reading)
    }
    return readFolders(path, form, reading)
  },
  savedForm: ({ table }) => (table?.image === undefined ? {} : { image_column: table.image }),
  newRows: {
    read({ path }, trained, reading) {
      if (/\.csv$/i.test(path)) return readNewList(path, trained, reading)
      return readFolders({ train: path }, { ...formOf(path, trained), isUnlabeled: true }, reading)
    },
  },
})

function channelsOf(mode: 'rgb' | 'grayscale'): 1 | 3 {
  return mode === 'grayscale' ? 1 : 3
}

async function readFolders(
  folders: Divided<string>,
  form: ImageForm,
  reading: SourceReading,
): Promise<DividedTables> {
  const [{ readSplits }, { readImages }] = await Promise.all([
    import('./read-files.ts'),
    import('../../table/formats/image-folders.ts'),
  ])
  return readSplits(folders, (folder) => readImages(folder, form, reading))
}

/** Reads the rows of a csv file, with the images that they name and the columns that are used. */
async function readList(
  folder: string,
  path: string,
  listOf: (table: Table) => ImageList,
  form: ImageForm,
  reading: SourceReading,
): Promise<DividedTables> {
  const [{ readCsv }, { readListedImages }] = await Promise.all([
    import('../../table/formats/csv.ts'),
    import('../../table/formats/image-list.ts'),
  ])
  // The table itself is small beside its images.
  const table = await readCsv({ path, header: true }, { ...reading, spool: undefined })
  return { train: await readListedImages(folder, table, listOf(table), form, reading), notes: [] }
}

/** New images in the rows of a csv file, whose names start from its folder; their targets may be there or not. */
function readNewList(path: string, trained: TrainedRows, reading: SourceReading): Promise<DividedTables> {
  const { image_column: image, targetsOnly } = trained
  const listOf = (table: Table): ImageList => ({
    image,
    columns: targetsOnly.filter((name) => columnNamed(table, name)),
  })
  return readList(dirname(path), path, listOf, formOf(path, trained), reading)
}

/** The size and the channels of the images that a model was trained on. */
function formOf(path: string, { shapes, features }: TrainedRows): ImageForm {
  for (const [height, width, channels = 1, ...more] of shapes) {
    if (height === undefined || width === undefined || more.length > 0) continue
    if (channels === 1 || channels === 3) return { size: [height, width], channels }
  }
  throw new DataError(`${path}: the model was not trained on images, but on ${list(features)}`)
}
