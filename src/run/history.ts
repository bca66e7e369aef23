import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** Contents of history.csv: the names of its columns, and the values of each epoch as they are written. */
export type RunHistory = {
  readonly names: readonly string[]
  readonly epochs: readonly (readonly string[])[]
}

/** Reads the history of a run, empty where there is none; a last line that was cut off is left out. */
export async function readHistory(folder: string): Promise<RunHistory> {
  const text = await readFile(join(folder, 'history.csv'), 'utf8').catch(() => '')
  const [header = '', ...lines] = text.slice(0, text.lastIndexOf('\n')).split('\n')
  return {
    names: header.split(',').slice(1),
    epochs: lines.map((line) => line.split(',').slice(1)),
  }
}
