import { markup } from '../html.ts'
import type { Html } from '../html.ts'
import { boundsOf, chart, short } from './frame.ts'
import type { Alternative, Axis } from './frame.ts'
import { diagonalLine } from './line-chart.ts'

export type Scatter = Alternative & {
  readonly x: Omit<Axis, 'domain'> & { readonly values: ArrayLike<number> }
  readonly y: Omit<Axis, 'domain'> & { readonly values: ArrayLike<number> }
  /** Both axes have the same bounds, and a diagonal shows where both numbers are equal. */
  readonly isSquare?: boolean
}

/** Dots of few are larger. */
const [FEW_DOTS, RADIUS, SMALL_RADIUS] = [100, 4, 2.5]
/** Maximum dots; of more, every n-th is shown, and those that are farthest from the diagonal. */
const MOST_DOTS = 1000

export function scatterChart({ title, description, x, y, isSquare = false }: Scatter): Html {
  const own = { x: boundsOf(Array.from(x.values)), y: boundsOf(Array.from(y.values)) }
  const both = boundsOf([...own.x, ...own.y])
  const radius = x.values.length <= FEW_DOTS ? RADIUS : SMALL_RADIUS
  const [across, up] = isSquare ? [both, both] : [own.x, own.y]
  return chart({
    title,
    description,
    x: { isNice: true, ...x, domain: across },
    y: { isNice: true, ...y, domain: up },
    draw: (place) => [
      ...(isSquare ? [diagonalLine(place, both, both)] : []),
      markup`<g class="dots s0">${shownDots(x.values, y.values).map(
        (i) =>
          markup`<circle cx="${short(place.x(x.values[i] ?? NaN))}" cy="${short(place.y(y.values[i] ?? NaN))}" r="${radius}" />`,
      )}</g>`,
    ],
  })
}

function shownDots(x: ArrayLike<number>, y: ArrayLike<number>): number[] {
  const known = Array.from(x, (_, i) => i).filter((i) => Number.isFinite(x[i]) && Number.isFinite(y[i]))
  if (known.length <= MOST_DOTS) return known
  const distance = (i: number): number => Math.abs((x[i] ?? 0) - (y[i] ?? 0))
  const far = known.toSorted((a, b) => distance(b) - distance(a)).slice(0, MOST_DOTS / 5)
  const every = Math.ceil(known.length / (MOST_DOTS - far.length))
  return [...new Set([...known.filter((_, i) => i % every === 0), ...far])]
}
