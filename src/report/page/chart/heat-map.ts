import { markup } from '../html.ts'
import type { Html } from '../html.ts'

export type HeatMap = {
  /** A caption; the numbers themselves are the alternative. */
  readonly title: string
  readonly rows: readonly string[]
  readonly columns: readonly string[]
  readonly counts: readonly (readonly number[])[]
}

/** Steps of the color of a cell. */
const STEPS = 5

/** A table of counts whose cells are the darker the larger their share of the row is. */
export function heatMap({ title, rows, columns, counts }: HeatMap): Html {
  return markup`<div class="scroll" tabindex="0" role="region" aria-label="${title}"><table class="heat"><caption>${title}</caption><thead><tr><td></td>${columns.map((name) => markup`<th scope="col">${name}</th>`)}</tr></thead><tbody>${rows.map(
    (name, i) => {
      const own = counts[i] ?? []
      const total = own.reduce((sum, count) => sum + count, 0)
      return markup`<tr><th scope="row">${name}</th>${own.map(
        (count, j) =>
          markup`<td class="${i === j ? 'right' : 'wrong'} h${Math.ceil((STEPS * count) / (total || 1))}">${count === 0 ? '·' : count}</td>`,
      )}</tr>`
    },
  )}</tbody></table></div>`
}
