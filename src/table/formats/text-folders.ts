import { DataError } from '../../errors.ts'
import type { TableReading } from '../columns/reading.ts'
import { TableBuilder } from '../columns/table-builder.ts'
import { displayName } from '../files/file.ts'
import type { Table } from '../table.ts'
import { filesOfClasses, markLabels } from './class-folders.ts'
import type { ChosenFiles } from './class-folders.ts'
import { EncodingError, textChunks } from './text.ts'

const TEXTS = { endings: /\.txt$/i, kind: '.txt', example: 'positive/1.txt, negative/1.txt' }

/** Characters of a file from which it is taken for one of another kind. */
const LONGEST_TEXT = 2 ** 26

/** Reads each file as a string, `text`, and the name of its folder as `label`. */
export async function readTexts(folder: string, chosen: ChosenFiles, reading: TableReading): Promise<Table> {
  const files = await filesOfClasses(folder, { ...TEXTS, ...chosen }, reading)
  const file = (row: number): string => files[row]?.path ?? folder
  const builder = new TableBuilder(displayName(folder), reading, (line) => file(line - 1))
  const [texts, labels] = [builder.addColumn('text'), builder.addColumn('label')]
  for (const [i, { path, label }] of files.entries()) {
    texts.add(await readText(path, reading))
    labels.add(label)
    builder.endRow(i + 1)
  }
  markLabels(files, reading)
  return { ...builder.finish(), file }
}

/** The text of a file, on one line. */
async function readText(path: string, reading: TableReading): Promise<string> {
  const name = displayName(path)
  let text = ''
  try {
    for await (const chunk of textChunks(path, name, reading)) {
      text += Buffer.from(chunk).toString()
      if (text.length > LONGEST_TEXT) throw new DataError(`${name}: is longer than 64 MB`)
    }
  } catch (cause) {
    if (!(cause instanceof EncodingError)) throw cause
    throw new DataError(`${name}: ${cause.message}`, { cause, hint: cause.hintToConvert })
  }
  return text.replaceAll(/\s+/g, ' ').trim()
}
