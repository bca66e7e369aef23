import { join } from 'node:path'
import { readText } from './read-text.ts'

/** Contents of history.csv: the names of its metrics, and their values as they are written by epoch, from 1. */
export type RunHistory = {
  readonly names: readonly string[]
  readonly epochs: ReadonlyMap<number, readonly string[]>
  /** The last epoch that is logged; 0 where none is. */
  readonly last: number
}

/** Reads the history of a run, empty where there is none; a last line that was cut off is left out. */
export async function readHistory(folder: string): Promise<RunHistory> {
  const text = (await readText(join(folder, 'history.csv'))) ?? ''
  const [header = '', ...lines] = text.split('\n').slice(0, -1)
  const epochs = new Map(
    lines.map((line) => {
      const [epoch, ...values] = line.split(',')
      return [Number(epoch), values]
    }),
  )
  return { names: header.split(',').slice(1), epochs, last: [...epochs.keys()].at(-1) ?? 0 }
}
