import { wrap } from './wrap.ts'

type Alignment = 'left' | 'right'

/** A table with a header, ruled like Keras's tables; long cells of the first and the last column wrap to fit `width`. */
export function table(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  align: readonly Alignment[],
  width = Infinity,
): string {
  const widths = columnWidths(header, rows, width)
  const line = (row: readonly string[], edge: string): string[] => {
    const wrapped = widths.map((columns, i) => wrap(row[i] ?? '', columns))
    const height = Math.max(...wrapped.map((cell) => cell.length))
    return Array.from({ length: height }, (_, k) => {
      const cells = widths.map((columns, i) =>
        (wrapped[i]?.[k] ?? '')[align[i] === 'right' ? 'padStart' : 'padEnd'](columns),
      )
      return `${edge} ${cells.join(` ${edge} `)} ${edge}`
    })
  }
  const rule = (left: string, dash: string, cross: string, right: string): string =>
    left + widths.map((columns) => dash.repeat(columns + 2)).join(cross) + right
  return [
    rule('┏', '━', '┳', '┓'),
    ...line(header, '┃'),
    rule('┡', '━', '╇', '┩'),
    ...rows.flatMap((row) => line(row, '│')),
    rule('└', '─', '┴', '┘'),
  ].join('\n')
}

/** Minimum width of a wrapped cell, in characters. */
const NARROWEST = 12

function columnWidths(
  header: readonly string[],
  rows: readonly (readonly string[])[],
  width: number,
): number[] {
  const widths = header.map((title, i) => Math.max(title.length, ...rows.map((row) => row[i]?.length ?? 0)))
  let excess = widths.reduce((total, columns) => total + columns + 3, 1) - width
  for (const i of [header.length - 1, 0]) {
    if (excess <= 0) break
    const wanted = widths[i] ?? 0
    widths[i] = Math.max(Math.min(wanted, NARROWEST), wanted - excess)
    excess -= wanted - widths[i]
  }
  return widths
}
