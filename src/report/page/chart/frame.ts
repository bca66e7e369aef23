import { scaleLinear, scaleLog } from 'd3-scale'

import { clipMiddle } from '../../text/characters.ts'
import { count } from '../../text/format.ts'
import { markup } from '../html.ts'
import type { Html } from '../html.ts'

/** Units of a drawing: about the pixels of a card, so that its letters are as large as they say. */
export const [WIDTH, HEIGHT] = [360, 240]
const MARGIN = { left: 40, right: 20, bottom: 40 }
/** Units of a letter, about. */
const LETTER = 6.5
/** Height of a line of the legend or of the labels above the plot. */
const LEGEND_LINE = 16
/** Units that an entry of a legend takes beside its name: its key, and the gap to the next one. */
const [KEY, KEY_GAP] = [18, 14]
/** Maximum letters of a name in a legend, and of the label of an axis. */
const [LEGEND_LETTERS, LABEL_LETTERS] = [40, 48]
/** Numbers from which ticks are powers of ten. */
const LARGE = 1e7
/** Distance of labels above the plot from it. */
const LABEL_GAP = 9
/** Ticks of an axis, about; fewer where their texts would touch. */
const [TICKS, FEWER_TICKS] = [5, [3, 2]]
/** Units between the texts of two ticks. */
const TICK_GAP = 6

export type Axis = {
  readonly label: string
  readonly domain: readonly [number, number]
  readonly isLog?: boolean
  /** The domain is widened to round numbers. */
  readonly isNice?: boolean
  /** Ticks are whole numbers. */
  readonly isWhole?: boolean
  /** Names that the numbers 0, 1, 2, ... stand for. */
  readonly names?: readonly string[]
}

/** A place of a chart as numbers of the drawing, and the upper and lower end of the plot. */
export type Coordinates = {
  readonly x: (value: number) => number
  readonly y: (value: number) => number
  readonly top: number
  readonly bottom: number
}

/** The description of a chart in words, for those who do not see it. */
export type Alternative = { readonly title: string; readonly description: string }

/** The name of a series and the class of its line: `line s0`, `line s1`, ..., `reference`. */
export type LegendEntry = { readonly name: string; readonly style: string }

export type Frame = Alternative & {
  readonly x: Axis
  readonly y: Axis
  readonly legend?: readonly LegendEntry[]
  /** The marks, bottom to top. */
  readonly draw: (place: Coordinates) => readonly Html[]
}

/** A chart: its axes, its grid, its legend and what `draw` puts into it. */
export function chart({ title, description, x, y, legend = [], draw }: Frame): Html {
  const rows = legend.length > 1 ? legendRows(legend) : []
  const top = 10 + LEGEND_LINE * (rows.length + 1)
  const height = HEIGHT + LEGEND_LINE * Math.max(0, rows.length - 1)
  const bottom = height - MARGIN.bottom
  const up = scaleOf(y, [bottom, top])
  const left = Math.max(MARGIN.left, 8 + LETTER * Math.max(0, ...up.ticks.map(({ text }) => text.length)))
  const across = scaleAcross(x, [left, WIDTH - MARGIN.right])
  return picture({ title, description, width: WIDTH, height }, [
    ...rows.map((row, i) => legendRow(row, 12 + LEGEND_LINE * i)),
    markup`<g class="grid">${up.ticks.map(
      ({ at, text }) =>
        markup`<path d="M${short(left)} ${short(at)}H${WIDTH - MARGIN.right}" /><text x="${short(left - 6)}" y="${short(at + 4)}" text-anchor="end">${text}</text>`,
    )}</g>`,
    markup`<g class="axis"><path d="M${short(left)} ${bottom}H${WIDTH - MARGIN.right}" />${across.ticks.map(
      ({ at, text }) =>
        markup`<path d="M${short(at)} ${bottom}v4" /><text x="${short(Math.min(at, WIDTH - halfOf(text)))}" y="${bottom + 16}" text-anchor="middle">${text}</text>`,
    )}</g>`,
    markup`<text class="label" x="${WIDTH - MARGIN.right}" y="${height - 6}" text-anchor="end">${clipMiddle(x.label, LABEL_LETTERS)}</text>`,
    markup`<text class="label" x="4" y="${top - LABEL_GAP}" text-anchor="start">${clipMiddle(y.label, LABEL_LETTERS)}</text>`,
    ...draw({ x: across.place, y: up.place, top, bottom }),
  ])
}

/** A drawing that is described in words. */
export function picture(
  { title, description, width, height }: Alternative & { readonly width: number; readonly height: number },
  marks: readonly Html[],
): Html {
  return markup`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${`${title}. ${description}`}">${marks}</svg>`
}

type Ticks = readonly { readonly at: number; readonly text: string }[]
type PlacedTicks = { readonly place: (value: number) => number; readonly ticks: Ticks }

/** A horizontal axis with as many ticks as there is room for. */
function scaleAcross(axis: Axis, range: readonly [number, number]): PlacedTicks {
  let scale = scaleOf(axis, range)
  for (const fewer of FEWER_TICKS) if (touch(scale.ticks)) scale = scaleOf(axis, range, fewer)
  return scale
}

function touch(ticks: Ticks): boolean {
  return ticks.some(({ at, text }, i) => {
    const next = ticks[i + 1]
    return next !== undefined && next.at - at < halfOf(text) + halfOf(next.text) + TICK_GAP
  })
}

/** Half of the width of a text. */
function halfOf(text: string): number {
  return (LETTER * text.length) / 2
}

/** The places of numbers on an axis that is drawn over a range of units. */
export function scaleOf(
  { domain, isLog, isNice, isWhole, names }: Axis,
  range: readonly [number, number],
  wanted = TICKS,
): PlacedTicks {
  if (names) return namedScale(names, range)
  const [low, high] = domain
  const scale = (isLog ? scaleLog : scaleLinear)()
    .domain(low === high ? around(low, isWhole) : [low, high])
    .range(range)
  if (isNice) scale.nice(wanted)
  const isLarge = Math.max(...scale.domain().map(Math.abs)) >= LARGE
  const plain = scaleLinear().domain(scale.domain()).tickFormat(wanted)
  const format = isLog ? powerText : isLarge ? largeText : plain
  const ticks = scale
    .ticks(wanted)
    .filter((value) => !isWhole || Number.isInteger(value))
    .map((value) => ({ at: scale(value), text: isWhole ? count(value) : format(value) }))
  return { place: (value) => scale(value), ticks: ticks.filter(({ text }) => text !== '') }
}

/** The bounds of an axis of a single number: one that is always 1 may have no room above. */
function around(value: number, isWhole: boolean | undefined): [number, number] {
  if (isWhole) return [value - 0.5, value + 0.5]
  return value === 0 ? [0, 1] : [Math.min(0, value), Math.max(0, value)]
}

/** Units of the smallest distance between names. */
const NAME_GAP = 14

/** Names at equal distances; where there are too many for all of them to be read, every n-th. */
function namedScale(names: readonly string[], range: readonly [number, number]): PlacedTicks {
  const scale = scaleLinear()
    .domain([-0.5, names.length - 0.5])
    .range(range)
  const units = Math.abs(range[1] - range[0])
  const every = Math.max(1, Math.ceil((names.length * NAME_GAP) / units))
  const letters = Math.max(2, Math.floor((units * every) / names.length / LETTER))
  const ticks = names.map((name, i) => ({ at: scale(i), text: clipMiddle(name, letters) }))
  return { place: (value) => scale(value), ticks: ticks.filter((_, i) => i % every === 0) }
}

/** A tick of a logarithmic axis: powers of ten alone have a text. */
function powerText(value: number): string {
  if (!Number.isInteger(Math.round(1e9 * Math.log10(value)) / 1e9)) return ''
  return value < 1e-3 || value > 1e4 ? value.toExponential() : String(value)
}

/** `2.5e17`. */
function largeText(value: number): string {
  if (value === 0) return '0'
  return value
    .toExponential(2)
    .replace(/\.?0+e/, 'e')
    .replace('e+', 'e')
}

/** The entries of a legend in lines that fit. */
function legendRows(legend: readonly LegendEntry[]): LegendEntry[][] {
  const rows: LegendEntry[][] = []
  let end = Infinity
  for (const entry of legend) {
    end += KEY_GAP + widthOf(entry)
    if (end > WIDTH) {
      rows.push([])
      end = MARGIN.left + widthOf(entry)
    }
    rows.at(-1)?.push(entry)
  }
  return rows
}

function widthOf({ name }: LegendEntry): number {
  return KEY + LETTER * Math.min(name.length, LEGEND_LETTERS)
}

function legendRow(entries: readonly LegendEntry[], y: number): Html {
  let x = MARGIN.left
  return markup`${entries.map((entry) => {
    const at = x
    x += widthOf(entry) + KEY_GAP
    return markup`<path class="${entry.style}" d="M${short(at)} ${y - 4}h14" /><text x="${short(at + KEY)}" y="${y}">${clipMiddle(entry.name, LEGEND_LETTERS)}</text>`
  })}`
}

/** A coordinate with one decimal. */
export function short(value: number): string {
  return String(Math.round(value * 10) / 10)
}

/** The bounds of numbers, NaN left out; 0 and 1 of none. */
export function boundsOf(values: Iterable<number>): [number, number] {
  let [low, high] = [Infinity, -Infinity]
  for (const value of values) {
    if (!Number.isFinite(value)) continue
    if (value < low) low = value
    if (value > high) high = value
  }
  return low > high ? [0, 1] : [low, high]
}
