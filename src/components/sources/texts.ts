import type { ChosenFiles } from '../../table/formats/class-folders.ts'
import { IMAGE_NAME } from '../../table/formats/image-names.ts'
import type { DividedTables } from '../../table/table.ts'
import { columnKeys, columnSelection, columnsWithPositives } from './options/columns.ts'
import { classFolders, filesOrFractions, namesValidation } from './options/files.ts'
import type { Divided } from './options/files.ts'
import { Memory } from './options/rows.ts'
import { Target } from './options/target.ts'
import { defineSource } from './source.ts'
import type { SourceReading } from './source.ts'

const { targets: _, ...keys } = columnKeys

export const texts = defineSource({
  type: 'texts',
  summary: 'Text files (.txt) in folders, one for each class: a row has the columns text and label',
  paths: ['path'],
  endings: /\.txt$/i,
  // Folders of images have notes among them, or a caption for each.
  claimsFolder: (names) => {
    const count = (ending: RegExp): number => names.filter((name) => ending.test(name)).length
    return count(/\.txt$/i) > count(IMAGE_NAME)
  },
  options: () => ({
    path: classFolders('texts'),
    memory: Memory,
    ...keys,
    target: Target.default('label'),
  }),
  rules: [filesOrFractions],
  memory: ({ memory }) => memory,
  ownValidation: namesValidation,
  selection: columnSelection,
  withPositives: columnsWithPositives,
  read: ({ path, limit }, reading) =>
    readFolders(typeof path === 'string' ? { train: path } : path, { limit }, reading),
  newRows: {
    read: ({ path }, _trained, reading) => readFolders({ train: path }, { isUnlabeled: true }, reading),
  },
})

async function readFolders(
  folders: Divided<string>,
  chosen: ChosenFiles,
  reading: SourceReading,
): Promise<DividedTables> {
  const [{ readSplits }, { readTexts }] = await Promise.all([
    import('./read-files.ts'),
    import('../../table/formats/text-folders.ts'),
  ])
  return readSplits(folders, (folder) => readTexts(folder, chosen, reading))
}
