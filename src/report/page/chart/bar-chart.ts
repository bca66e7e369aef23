import { clipMiddle } from '../../text/characters.ts'
import { markup } from '../html.ts'
import type { Html } from '../html.ts'
import { boundsOf, chart, picture, short, WIDTH } from './frame.ts'
import type { Alternative, Axis } from './frame.ts'

export type BarValue = {
  readonly name: string
  readonly value: number
  readonly deviation?: number
  readonly text: string
}

/** Units of a drawing of horizontal bars: a line, and the columns of names and of numbers. */
const LINE = 20
const [NAMES, TEXTS] = [122, 104]
/** Letters of a name that fit. */
const MOST_LETTERS = 15

/** Horizontal bars with their names, and whiskers of one deviation. */
export function barChart({
  title,
  description,
  bars,
}: Alternative & { readonly bars: readonly BarValue[] }): Html {
  const [low, high] = boundsOf([
    0,
    ...bars.flatMap(({ value, deviation = 0 }) => [value - deviation, value + deviation]),
  ])
  const scale = (value: number): number =>
    NAMES + ((value - low) / (high - low || 1)) * (WIDTH - NAMES - TEXTS)
  return picture({ title, description, width: WIDTH, height: LINE * bars.length + 8 }, [
    ...bars.map(({ name, value, deviation = 0, text }, i) => {
      const y = LINE * i + 4
      const [from, to] = [Math.min(scale(0), scale(value)), Math.max(scale(0), scale(value))]
      return markup`<g><title>${name}</title><text x="${NAMES - 6}" y="${y + 12}" text-anchor="end">${clipMiddle(name, MOST_LETTERS)}</text><rect class="bar s0" x="${short(from)}" y="${y + 2}" width="${short(Math.max(1, to - from))}" height="${LINE - 8}" />${
        deviation > 0
          ? markup`<path class="whisker" d="M${short(scale(value - deviation))} ${y + 8}H${short(scale(value + deviation))}" />`
          : undefined
      }<text x="${WIDTH - TEXTS + 8}" y="${y + 12}">${text}</text></g>`
    }),
    markup`<path class="zero" d="M${short(scale(0))} 2V${LINE * bars.length + 4}" />`,
  ])
}

export type Histogram = Alternative & {
  readonly x: Pick<Axis, 'label' | 'isWhole'>
  readonly y: Pick<Axis, 'label'>
  /** The borders of the bins: one more than there are bins. */
  readonly edges: ArrayLike<number>
  /** The heights of the bins of each series. */
  readonly series: readonly { readonly name: string; readonly heights: ArrayLike<number> }[]
}

/** Steps of the bins of one or several series: the first is filled. */
export function histogram({ title, description, x, y, edges, series }: Histogram): Html {
  const highest = Math.max(0, ...series.flatMap(({ heights }) => Array.from(heights)))
  return chart({
    title,
    description,
    x: { ...x, domain: [edges[0] ?? 0, edges[edges.length - 1] ?? 1] },
    y: { ...y, domain: [0, highest || 1], isNice: true },
    legend: series.map(({ name }, i) => ({ name, style: `line s${i % 8}` })),
    draw: (place) =>
      series.map(({ heights }, i) => {
        const steps = Array.from(
          heights,
          (height, bin) => `V${short(place.y(height))}H${short(place.x(edges[bin + 1] ?? 0))}`,
        )
        const path = `M${short(place.x(edges[0] ?? 0))} ${short(place.y(0))}${steps.join('')}V${short(place.y(0))}`
        return markup`<path class="${i === 0 ? 'area' : 'line'} s${i % 8}" d="${path}" />`
      }),
  })
}
