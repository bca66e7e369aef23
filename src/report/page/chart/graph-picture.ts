import { clip } from '../../text/characters.ts'
import { count } from '../../text/format.ts'
import { shapeText } from '../../text/summary.ts'
import type { LayerSummary, ModelSummary } from '../../text/summary.ts'
import { markup } from '../html.ts'
import type { Html } from '../html.ts'
import { picture, short } from './frame.ts'

/** Units of the drawing: a box, and the gaps between boxes. */
const BOX = { width: 190, height: 38 }
const GAP = { across: 20, down: 26 }
/** Letters that fit into a box. */
const MOST_LETTERS = 28

/** The layers of a model from its inputs down, and the connections between them. */
export function graphPicture(
  { name, layers, totals }: Pick<ModelSummary, 'name' | 'layers' | 'totals'>,
  rules: readonly Html[] = [],
): Html {
  const depths = depthsOf(layers)
  const levels = Array.from({ length: Math.max(0, ...depths.values()) + 1 }, (_, depth) =>
    layers.filter((layer) => depths.get(layer.name) === depth),
  )
  const widest = Math.max(1, ...levels.map(({ length }) => length))
  const width = widest * (BOX.width + GAP.across) + GAP.across
  const places = new Map(
    levels.flatMap((level, depth) => {
      const left = (width - level.length * (BOX.width + GAP.across) + GAP.across) / 2
      return level.map((layer, i) => {
        const place = { x: left + i * (BOX.width + GAP.across), y: 8 + depth * (BOX.height + GAP.down) }
        return [layer.name, place] as const
      })
    }),
  )
  const height = 16 + levels.length * (BOX.height + GAP.down) - GAP.down
  const params = totals.params === null ? '' : ` with ${count(totals.params)} parameters`
  const description = `${layers.length} layers${params}: ${layers.map((layer) => layer.name).join(', ')}`
  return picture({ title: `The network ${name}`, description, width, height }, [
    ...rules,
    ...layers.flatMap((layer) =>
      layer.connections.flatMap((from) => {
        const [a, b] = [places.get(from), places.get(layer.name)]
        return a && b ? [edgeOf(a, b)] : []
      }),
    ),
    ...layers.map((layer) => boxOf(layer, places.get(layer.name) ?? { x: 0, y: 0 })),
  ])
}

/** The number of layers on the longest way from an input to each layer; layers come after those that they take. */
function depthsOf(layers: readonly LayerSummary[]): Map<string, number> {
  const depths = new Map<string, number>()
  for (const { name, connections } of layers)
    depths.set(name, Math.max(-1, ...connections.map((from) => depths.get(from) ?? -1)) + 1)
  return depths
}

type Corner = { readonly x: number; readonly y: number }

function edgeOf(a: Corner, b: Corner): Html {
  const [x1, y1, x2, y2] = [a.x + BOX.width / 2, a.y + BOX.height, b.x + BOX.width / 2, b.y]
  const bend = Math.min(GAP.down, (y2 - y1) / 2)
  return markup`<path class="edge" d="M${short(x1)} ${short(y1)}C${short(x1)} ${short(y1 + bend)} ${short(x2)} ${short(y2 - bend)} ${short(x2)} ${short(y2)}" />`
}

function boxOf({ name, type, output_shape, params, trainable }: LayerSummary, { x, y }: Corner): Html {
  const shown = name === type ? type : `${name} (${type})`
  const facts = [
    shapeText(output_shape),
    ...(params ? [`${count(params)} params`] : []),
    ...(trainable ? [] : ['frozen']),
  ]
  return markup`<g class="${type === 'input' ? 'box input' : 'box'}"><rect x="${short(x)}" y="${short(y)}" width="${BOX.width}" height="${BOX.height}" rx="5" /><text x="${short(x + BOX.width / 2)}" y="${short(y + 16)}" text-anchor="middle">${clip(shown, MOST_LETTERS)}</text><text class="facts" x="${short(x + BOX.width / 2)}" y="${short(y + 31)}" text-anchor="middle">${facts.join(' · ')}</text></g>`
}
