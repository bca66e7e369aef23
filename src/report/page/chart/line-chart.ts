import { line } from 'd3-shape'

import { thinned } from '../../thinned.ts'
import { markup } from '../html.ts'
import type { Html } from '../html.ts'
import { boundsOf, chart, short } from './frame.ts'
import type { Alternative, Axis, Coordinates } from './frame.ts'

export type LineSeries = {
  readonly name: string
  readonly x: ArrayLike<number>
  readonly y: ArrayLike<number>
  /** Its color; default: by its position. */
  readonly style?: string
}

export type LineChart = Alternative & {
  readonly series: readonly LineSeries[]
  readonly x: Omit<Axis, 'domain'> & { readonly domain?: Axis['domain'] }
  readonly y: Omit<Axis, 'domain'> & { readonly domain?: Axis['domain'] }
  /** A vertical line, and its name in the legend. */
  readonly marked?: { readonly x: number; readonly name: string }
  /** A line that perfection would follow. */
  readonly diagonal?: boolean
  /** The number of series that the legend names at most; more of them are named by their tips alone. */
  readonly mostNamed?: number
  /** Points are shown as dots, too; default: those of lines of a single point. */
  readonly hasDots?: boolean
}

/** Colors of series. */
const COLORS = 8

/** The color of one of several things that are in several charts: each keeps its own, unless there are more than colors. */
export function ownColor(position: number, all: number): { readonly style?: string } {
  return all <= COLORS ? { style: `s${position}` } : {}
}

/** Points of all lines of a chart at most, and of one at least. */
const [MOST_POINTS, FEWEST_POINTS] = [10_000, 40]

export function lineChart(given: LineChart): Html {
  const { series, x, y, marked, diagonal, mostNamed = 8 } = given
  const styled = series.map((one, i) => ({ style: `s${i % COLORS}`, ...one }))
  const { hasDots = styled.every((one) => one.x.length === 1) } = given
  const most = Math.max(FEWEST_POINTS, Math.min(500, Math.floor(MOST_POINTS / Math.max(1, series.length))))
  const domains = {
    x: x.domain ?? boundsOf(series.flatMap((one) => Array.from(one.x))),
    y: y.domain ?? boundsOf(series.flatMap((one) => Array.from(one.y))),
  }
  return chart({
    title: given.title,
    description: given.description,
    x: { ...x, domain: domains.x },
    y: { isNice: true, ...y, domain: domains.y },
    legend: [
      ...(styled.length <= mostNamed ? styled : []).map(({ name, style }) => ({
        name,
        style: `line ${style}`,
      })),
      ...(marked ? [{ name: marked.name, style: 'reference' }] : []),
    ],
    draw: (place) => [
      ...(diagonal ? [diagonalLine(place, domains.x, domains.y)] : []),
      ...(marked ? [markedLine(place, marked.x)] : []),
      ...styled.map((one) => lineOf(one, place, most)),
      ...(hasDots ? styled.map((one) => dotsOf(one, place)) : []),
    ],
  })
}

function lineOf(
  { name, x, y, style }: LineSeries & { readonly style: string },
  place: Coordinates,
  most: number,
): Html {
  const path = line<number>()
    .defined((i) => Number.isFinite(y[i]) && Number.isFinite(x[i]))
    .x((i) => place.x(x[i] ?? NaN))
    .y((i) => place.y(y[i] ?? NaN))
    .digits(1)
  return markup`<path class="line ${style}" d="${path(thinned(y, most)) ?? ''}"><title>${name}</title></path>`
}

function dotsOf({ x, y, style }: LineSeries & { readonly style: string }, place: Coordinates): Html {
  return markup`<g class="dots ${style}">${thinned(y).map(
    (i) => markup`<circle cx="${short(place.x(x[i] ?? NaN))}" cy="${short(place.y(y[i] ?? NaN))}" r="3" />`,
  )}</g>`
}

/** A line through the places where both numbers are equal. */
export function diagonalLine(place: Coordinates, x: Axis['domain'], y: Axis['domain']): Html {
  const [low, high] = [Math.max(x[0], y[0]), Math.min(x[1], y[1])]
  return markup`<path class="reference" d="M${short(place.x(low))} ${short(place.y(low))}L${short(place.x(high))} ${short(place.y(high))}" />`
}

function markedLine({ x, top, bottom }: Coordinates, at: number): Html {
  return markup`<path class="reference" d="M${short(x(at))} ${bottom}V${top}" />`
}
