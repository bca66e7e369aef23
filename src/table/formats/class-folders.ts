// Files in folders of classes: cats/1.jpg, dogs/1.jpg.

import { readdir } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'

import { DataError } from '../../errors.ts'
import type { TableReading } from '../columns/reading.ts'
import { isFolder, listFolder } from '../files/file.ts'
import { expand } from '../files/patterns.ts'

/** A file, and the name of the folder that it is in. */
export type LabeledFile = { readonly label: string; readonly path: string }

/** The files to read of a folder. */
export type ChosenFiles = {
  /** The classes may be unknown: files may be in the folder itself, or be named one by one. */
  readonly isUnlabeled?: boolean
  /** The most files, as many of each class. */
  readonly limit?: number | undefined
}

type ClassFolders = ChosenFiles & {
  /** The names of the files. */
  readonly endings: RegExp
  /** The endings in words, and an example of a file's name. */
  readonly kind: string
  readonly example: string
}

/** The files of each class in a folder, in the order of the names. */
export async function filesOfClasses(
  folder: string,
  { endings, kind, example, isUnlabeled, limit = Infinity }: ClassFolders,
  reading: TableReading,
): Promise<readonly LabeledFile[]> {
  const files = ofEachClass(await (isUnlabeled ? named : inFolders)(folder, endings, reading), limit)
  if (files.length > 0) return files
  if (isUnlabeled) throw new DataError(`${folder}: there are no ${kind} files in it`)
  throw new DataError(`${folder}: there are no folders of ${kind} files in it`, {
    hint: `each class has a folder of its own, whose name is the label: ${example}`,
  })
}

/** Adds the labels to the fingerprint of the files: renaming a folder changes the data. */
export function markLabels(files: readonly LabeledFile[], { fingerprint }: TableReading): void {
  fingerprint?.update([...new Set(files.map(({ label }) => label))].join(', '))
}

/** The first files of each class, in their order; some classes have one more than others. */
function ofEachClass(files: readonly LabeledFile[], limit: number): readonly LabeledFile[] {
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

/** The files in the folders of a folder. */
async function inFolders(folder: string, endings: RegExp, reading: TableReading): Promise<LabeledFile[]> {
  const labels = (await listFolder(folder, reading)).filter(isShown).sort()
  const found = await Promise.all(
    labels.map((label) => filesIn(join(folder, label), label, endings, reading)),
  )
  return found.flat()
}

async function filesIn(
  folder: string,
  label: string,
  endings: RegExp,
  { directory }: TableReading,
): Promise<LabeledFile[]> {
  const names = await readdir(resolve(directory, folder)).catch(() => [])
  const files = names.filter((name) => endings.test(name) && isShown(name)).sort()
  return files.map((name) => ({ label, path: join(folder, name) }))
}

/** False for hidden files and folders, such as .ipynb_checkpoints, which programs leave. */
function isShown(name: string): boolean {
  return !name.startsWith('.')
}

/** The files of a path or a pattern. */
async function named(pattern: string, endings: RegExp, reading: TableReading): Promise<LabeledFile[]> {
  const files: (readonly LabeledFile[])[] = []
  for (const path of await expand([pattern], reading.directory))
    files.push(await filesAt(path, endings, reading))
  return files.flat()
}

/** The file of a path, those in a folder, or those in its folders of classes. */
async function filesAt(path: string, endings: RegExp, reading: TableReading): Promise<LabeledFile[]> {
  const absolute = resolve(reading.directory, path)
  if (!(await isFolder(path, reading.directory))) return [{ label: basename(dirname(absolute)), path }]
  const direct = await filesIn(path, basename(absolute), endings, reading)
  return direct.length > 0 ? direct : inFolders(path, endings, reading)
}
