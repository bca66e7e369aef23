import { padded } from './characters.ts'
import { shortNumber } from './format.ts'

/** Rows of a plot, and maximum columns. */
const [HEIGHT, WIDEST] = [12, 64]

export type LinePlot = {
  /** Logarithms, for an axis of them. */
  readonly x: readonly number[]
  readonly y: readonly number[]
  /** The names of the ends of the axis. */
  readonly ends: readonly [string, string]
  /** A place on the axis and its name. */
  readonly marked?: { readonly x: number; readonly name: string } | undefined
}

/** A curve in characters, in lines of at most `width`. */
export function linePlot({ x, y, ends, marked }: LinePlot, width: number): string[] {
  const [low, high] = [Math.min(...y), Math.max(...y)]
  const labels = [high, low].map(shortNumber)
  const margin = Math.max(...labels.map(({ length }) => length))
  const columns = Math.max(10, Math.min(WIDEST, width - margin - 4))
  const [first = 0, last = 1] = [x[0], x.at(-1)]
  const columnOf = (value: number): number =>
    Math.round(((value - first) / (last - first || 1)) * (columns - 1))
  const rowOf = (value: number): number => Math.round(((high - value) / (high - low || 1)) * (HEIGHT - 1))
  const grid = Array.from({ length: HEIGHT }, () => new Array<string>(columns).fill(' '))
  const at = marked && columnOf(marked.x)
  if (at !== undefined) for (const line of grid) line[at] = '┆'
  for (const [i, value] of y.entries()) {
    const line = grid[rowOf(value)]
    if (line) line[columnOf(x[i] ?? first)] = '•'
  }
  const label = (row: number): string =>
    row === 0 ? (labels[0] ?? '') : row === HEIGHT - 1 ? (labels[1] ?? '') : ''
  const [left, right] = ends
  const under = padded(left, columns - right.length) + right
  return [
    ...grid.map((line, row) => `${padded(label(row), margin, 'right')} │${line.join('').trimEnd()}`),
    `${' '.repeat(margin)} └${'─'.repeat(columns)}`,
    `${' '.repeat(margin + 2)}${under}`,
    ...(marked && at !== undefined ? [markLine(marked.name, at, columns, margin + 2)] : []),
  ]
}

/** The name of a mark under its column, as far as it fits. */
function markLine(name: string, at: number, columns: number, margin: number): string {
  const start = Math.max(0, Math.min(at - Math.floor(name.length / 2), columns - name.length))
  return `${' '.repeat(margin + start)}${name}`
}
