import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** What history.csv tells: the logged figures, and each epoch's values as they stand there. */
export type History = { readonly figures: readonly string[]; readonly epochs: readonly (readonly string[])[] }

/** The history of a run; empty where there is none. A last line that was cut off is left out. */
export async function readHistory(folder: string): Promise<History> {
  const text = await readFile(join(folder, 'history.csv'), 'utf8').catch(() => '')
  const [header = '', ...lines] = text.slice(0, text.lastIndexOf('\n')).split('\n')
  return {
    figures: header.split(',').slice(1),
    epochs: lines.map((line) => line.split(',').slice(1)),
  }
}
