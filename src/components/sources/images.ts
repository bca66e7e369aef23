import * as z from 'zod'

import { DataError } from '../../errors.ts'
import type { ImageForm } from '../../table/formats/image-folders.ts'
import type { DividedTables } from '../../table/table.ts'
import { list } from '../../wording.ts'
import { arrayKeys, arraySelection, arraysWithPositives } from './options/arrays.ts'
import { filesOrFractions, namesValidation } from './options/files.ts'
import type { Divided } from './options/files.ts'
import { Memory } from './options/rows.ts'
import { defineSource } from './source.ts'
import type { SourceReading, TrainedRows } from './source.ts'

const Folder = z.string().min(1)
const Side = z.int().min(1).max(4096)

export const images = defineSource({
  type: 'images',
  summary: 'PNG and JPEG files in folders, one folder for each class',
  paths: ['path'],
  endings: /\.(png|jpe?g)$/i,
  claimsFolder: () => true,
  options: () => ({
    path: z
      .union([
        Folder,
        z.strictObject({
          train: Folder.describe('The folder of the training images'),
          validation: Folder.optional().describe('The folder of the validation images'),
          test: Folder.optional().describe('The folder of the test images'),
        }),
      ])
      .describe(
        "The folder that holds the folders of the classes, or a map of train, validation and test to such folders. A relative path starts from the config's folder",
      ),
    image_size: z
      .tuple([Side, Side])
      .default([256, 256])
      .describe('Height and width in pixels, to which every image is resized (bilinear)'),
    color_mode: z.enum(['rgb', 'grayscale']).default('rgb').describe('Three channels a pixel, or one'),
    memory: Memory,
    ...arrayKeys,
  }),
  rules: [filesOrFractions],
  memory: ({ memory }) => memory,
  ownValidation: namesValidation,
  selection: ({ features, image_size, color_mode, target }) =>
    arraySelection({
      input: 'images',
      labels: 'labels',
      ...features,
      target,
      shape: { of: [...image_size, channelsOf(color_mode)], path: ['data', 'image_size'] },
    }),
  withPositives: arraysWithPositives,
  read({ path, image_size, color_mode, limit }, reading) {
    const folders = typeof path === 'string' ? { train: path } : path
    return readFolders(folders, { size: image_size, channels: channelsOf(color_mode), limit }, reading)
  },
  newRows: {
    read({ path }, trained, reading) {
      return readFolders({ train: path }, { ...formOf(path, trained), isUnlabelled: true }, reading)
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

/** The size and the channels of the images that a model was trained on. */
function formOf(path: string, { shapes, features }: TrainedRows): ImageForm {
  for (const [height, width, channels = 1, ...more] of shapes) {
    if (height === undefined || width === undefined || more.length > 0) continue
    if (channels === 1 || channels === 3) return { size: [height, width], channels }
  }
  throw new DataError(`${path}: the model was not trained on images, but on ${list(features)}`)
}
