import type { TableColumn } from '../text/table.ts'
import { markup } from './html.ts'
import type { Html } from './html.ts'

/** A table with a caption, which scrolls where it is too wide for its place. */
export function htmlTable(
  caption: string,
  columns: readonly TableColumn[],
  rows: readonly (readonly (string | Html)[])[],
): Html {
  const style = columns.map(({ align }) => (align === 'right' ? 'n' : ''))
  return markup`<div class="scroll" tabindex="0" role="region" aria-label="${caption}"><table><caption>${caption}</caption><thead><tr>${columns.map(({ title }, i) => markup`<th scope="col" class="${style[i]}">${title}</th>`)}</tr></thead><tbody>${rows.map(
    (row) => markup`<tr>${row.map((cell, i) => markup`<td class="${style[i]}">${cell}</td>`)}</tr>`,
  )}</tbody></table></div>`
}

/** A section of a page under its heading; undefined where it has nothing to show. */
export function section(title: string, parts: readonly (Html | undefined)[]): Html | undefined {
  const shown = parts.filter((part) => part !== undefined)
  return shown.length === 0 ? undefined : markup`<section><h2>${title}</h2>${shown}</section>`
}

/** Charts and tables side by side, as many as there is room for. */
export function cards(
  parts: readonly { readonly title: string; readonly content: Html }[],
): Html | undefined {
  if (parts.length === 0) return undefined
  return markup`<div class="cards">${parts.map(
    ({ title, content }) => markup`<div class="card"><h3>${title}</h3>${content}</div>`,
  )}</div>`
}
