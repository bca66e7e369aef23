import { clipMiddle } from '../../text/characters.ts'
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
/** Letters of a name, and of all names that stand side by side; of more, they stand upright. */
const [NAME_LETTERS, LINE_LETTERS] = [18, 40]

/** A table of counts whose cells are the darker the larger their share of the row is. */
export function heatMap({ title, rows, columns, counts }: HeatMap): Html {
  const isUpright = columns.reduce((letters, name) => letters + name.length, 0) > LINE_LETTERS
  return markup`<div class="scroll" tabindex="0" role="region" aria-label="${title}"><table class="heat"><caption>${title}</caption><thead><tr><td></td>${columns.map((name) => markup`<th scope="col">${isUpright ? markup`<span class="vertical">${nameOf(name)}</span>` : nameOf(name)}</th>`)}</tr></thead><tbody>${rows.map(
    (name, i) => {
      const own = counts[i] ?? []
      const total = own.reduce((sum, count) => sum + count, 0)
      return markup`<tr><th scope="row" class="short">${nameOf(name)}</th>${own.map(
        (count, j) =>
          markup`<td class="${i === j ? 'right' : 'wrong'} h${Math.ceil((STEPS * count) / (total || 1))}">${count === 0 ? '·' : count}</td>`,
      )}</tr>`
    },
  )}</tbody></table></div>`
}

function nameOf(name: string): Html {
  const shown = clipMiddle(name, NAME_LETTERS)
  return shown === name ? markup`${name}` : markup`<span title="${name}">${shown}</span>`
}
