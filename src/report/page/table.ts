import type { TableColumn } from '../text/table.ts'
import { markup } from './html.ts'
import type { Html } from './html.ts'

/** Letters of a cell that is not broken into lines, such as a name or a date; longer ones are broken into few. */
const SHORT = 24

/** A table with a caption, which scrolls where it is too wide for its place; columns without any value are left out. */
export function htmlTable(
  caption: string,
  columns: readonly TableColumn[],
  rows: readonly (readonly (string | Html)[])[],
): Html {
  const shown = columns.flatMap(({ title, align }, i) =>
    rows.every((row) => row[i] === '') ? [] : [{ title, style: align === 'right' ? 'n' : '', i }],
  )
  return markup`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table><caption>${caption}</caption><thead><tr>${shown.map(({ title, style }) => markup`<th scope="col" class="${style}">${title}</th>`)}</tr></thead><tbody>${rows.map(
    (row) => markup`<tr>${shown.map(({ style, i }) => cellOf(row[i] ?? '', style))}</tr>`,
  )}</tbody></table></div>`
}

function cellOf(cell: string | Html, style: string): Html {
  const ofText = typeof cell === 'string' ? (cell.length <= SHORT ? 'short' : 'long') : ''
  return markup`<td class="${style || ofText}">${cell}</td>`
}

/** The path of a run, which is not broken into lines. */
export function runCell(name: string): Html {
  return markup`<span class="short">${name}</span>`
}

/** A section of a page under its heading; undefined where it has nothing to show. */
export function section(title: string, parts: readonly (Html | undefined)[]): Html | undefined {
  const shown = parts.filter((part) => part !== undefined)
  return shown.length === 0 ? undefined : markup`<section><h2>${title}</h2>${shown}</section>`
}

/** A chart or a table under a title of its own. */
export type Card = { readonly title: string; readonly content: Html }

/** Charts and tables side by side, as many as there is room for. */
export function cards(parts: readonly Card[]): Html | undefined {
  if (parts.length === 0) return undefined
  return markup`<div class="cards">${parts.map(
    ({ title, content }) => markup`<div class="card"><h3>${title}</h3>${content}</div>`,
  )}</div>`
}
