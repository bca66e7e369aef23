import { clip, padded, visible, widthOf } from './characters.ts'
import { wrap } from './wrap.ts'

/** A column of a table, by its title; numbers stand on the right. */
export type TableColumn = { readonly title: string; readonly align?: 'left' | 'right' }

/** Columns of numbers. */
export function numbers(...titles: readonly string[]): TableColumn[] {
  return titles.map((title) => ({ title, align: 'right' }))
}

/** Characters of a line of the table beside the text of its cells. */
const edges = (columns: number): number => 3 * columns + 1
/** Minimum width of a cell that is wrapped, in characters. */
const NARROWEST = 12
/** Maximum lengths of a cell and, where lines have no limit, of a word in one. */
const LONGEST_CELL = 1000
const LONGEST_WORD = 200

/**
 * Lines of a table with a header, ruled like Keras's tables; columns without any value are left out. Where it is wider
 * than `width`, cells are wrapped at words; then columns are folded: those that do not fit go below, each time with the
 * first column, which names the row.
 */
export function table(
  columns: readonly TableColumn[],
  rows: readonly (readonly string[])[],
  width: number,
): string[] {
  const room = width - edges(2)
  const [first, ...others] = columns.flatMap((column, i) =>
    i > 0 && rows.every((row) => row[i] === '') ? [] : [{ column, cells: rows.map((row) => row[i] ?? '') }],
  )
  if (first === undefined) return []
  const keys = cellsOf(first.column, first.cells, Math.floor((2 / 3) * room))
  const rest = others.map(({ column, cells }) => cellsOf(column, cells, room - keys.least))
  return folded(keys, rest, width).flatMap((group) => drawn(group, width))
}

/** The contents of a table. */
export type TableContent = {
  readonly columns: readonly TableColumn[]
  readonly rows: readonly (readonly string[])[]
}

/** The lines of a table. */
export type DrawTable = (columns: readonly TableColumn[], rows: readonly (readonly string[])[]) => string[]

/** Tables in Markdown, for comments of pull requests. */
export const markdownTable: DrawTable = (columns, rows) => {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => visible(cell).replaceAll('|', '\\|')).join(' | ')} |`
  return [
    line(columns.map(({ title }) => title)),
    line(columns.map(({ align }) => (align === 'right' ? '---:' : '---'))),
    ...rows.map(line),
  ]
}

/** Tables for a terminal of this width. */
export function terminalTable(width: number): DrawTable {
  return (columns, rows) => table(columns, rows, width)
}

/** The cells of a column, the title first; they can be wrapped to a width of `least`. */
type Cells = {
  readonly texts: readonly string[]
  readonly align: 'left' | 'right'
  readonly least: number
  readonly wanted: number
}

/** The cells of a column that has no room for longer words. */
function cellsOf({ title, align = 'left' }: TableColumn, cells: readonly string[], room: number): Cells {
  const longestWord = Math.min(room, LONGEST_WORD)
  const texts = [title, ...cells].map((text) =>
    clip(visible(text), LONGEST_CELL).replaceAll(/[^ ]+/g, (word) => clip(word, longestWord)),
  )
  const wanted = widest(texts)
  if (align === 'right' && wanted <= room) return { texts, align, wanted, least: wanted }
  const words = texts.flatMap((text) => text.split(' '))
  return { texts, align, wanted, least: Math.max(widest(words), Math.min(wanted, room, NARROWEST)) }
}

function widest(texts: readonly string[]): number {
  return texts.reduce((most, text) => Math.max(most, widthOf(text)), 0)
}

/** Groups of columns that fit, each led by the keys. */
function folded(keys: Cells, rest: readonly Cells[], width: number): Cells[][] {
  const groups = [[keys]]
  let left = width - edges(1) - keys.least
  for (const cells of rest) {
    left -= edges(1) - 1 + cells.least
    if (left < 0 && (groups.at(-1)?.length ?? 0) > 1) {
      groups.push([keys])
      left = width - edges(2) - keys.least - cells.least
    }
    groups.at(-1)?.push(cells)
  }
  return groups
}

function drawn(group: readonly Cells[], width: number): string[] {
  const widths = fittedWidths(group, width)
  const line = (row: number, edge: string): string[] => {
    const wrapped = group.map(({ texts }, i) => wrap(texts[row] ?? '', widths[i] ?? 0))
    return Array.from({ length: Math.max(...wrapped.map(({ length }) => length)) }, (_, k) => {
      const cells = group.map(({ align }, i) => padded(wrapped[i]?.[k] ?? '', widths[i] ?? 0, align))
      return `${edge} ${cells.join(` ${edge} `)} ${edge}`
    })
  }
  const rule = (left: string, dash: string, cross: string, right: string): string =>
    left + widths.map((columns) => dash.repeat(columns + 2)).join(cross) + right
  const [, ...body] = group[0]?.texts ?? []
  return [
    rule('┏', '━', '┳', '┓'),
    ...line(0, '┃'),
    rule('┡', '━', '╇', '┩'),
    ...body.flatMap((_, i) => line(i + 1, '│')),
    rule('└', '─', '┴', '┘'),
  ]
}

/** The widths that the columns want; where they do not fit, the widest give way. */
function fittedWidths(group: readonly Cells[], width: number): number[] {
  const widths = group.map(({ wanted }) => wanted)
  let excess = widths.reduce((total, one) => total + one, edges(group.length)) - width
  for (; excess > 0; excess--) {
    const shrinking = widths.map((one, i) => (one > (group[i]?.least ?? 0) ? one : 0))
    const widest = shrinking.indexOf(Math.max(...shrinking))
    if (shrinking[widest] === 0) break
    widths[widest] = (widths[widest] ?? 0) - 1
  }
  return widths
}
