import { markup } from '../html.ts'
import type { Html } from '../html.ts'
import { boundsOf, chart, short } from './frame.ts'
import type { Alternative } from './frame.ts'

export type SpreadChart = Alternative & {
  readonly x: { readonly label: string; readonly names: readonly string[] }
  readonly y: { readonly label: string }
  /** A value for each name. */
  readonly values: readonly number[]
  readonly mean: number
  readonly deviation: number
}

/** A dot for each of several trainings, over the band of one deviation around their mean. */
export function spreadChart({ title, description, x, y, values, mean, deviation }: SpreadChart): Html {
  const [from, to] = [-0.5, x.names.length - 0.5]
  return chart({
    title,
    description,
    x: { ...x, domain: [from, to] },
    y: { ...y, domain: boundsOf([...values, mean - deviation, mean + deviation]), isNice: true },
    draw: (place) => {
      const [left, right] = [short(place.x(from)), short(place.x(to))]
      const band = [mean + deviation, mean - deviation].map((value) => short(place.y(value)))
      return [
        ...(Number.isFinite(deviation)
          ? [markup`<path class="band s0" d="M${left} ${band[0]}H${right}V${band[1]}H${left}Z" />`]
          : []),
        markup`<path class="reference" d="M${left} ${short(place.y(mean))}H${right}" />`,
        markup`<g class="dots s0">${values.map((value, i) =>
          Number.isFinite(value)
            ? markup`<circle cx="${short(place.x(i))}" cy="${short(place.y(value))}" r="4"><title>${x.names[i]}</title></circle>`
            : undefined,
        )}</g>`,
      ]
    },
  })
}
