import { clip } from '../../text/characters.ts'
import { markup } from '../html.ts'
import type { Html } from '../html.ts'
import { picture, scaleOf, short } from './frame.ts'
import type { Alternative, Axis } from './frame.ts'

export type ParallelCoordinates = Alternative & {
  readonly axes: readonly Axis[]
  /** Each with a number on every axis; one that lacks a number has a gap there. The last is on top. */
  readonly lines: readonly {
    readonly name: string
    readonly places: readonly number[]
    readonly style: string
  }[]
}

/** Units of the drawing: between axes, above and below them, and beside the outer ones. */
const [ACROSS, NARROWEST, TOP, BOTTOM, HEIGHT] = [130, 420, 40, 10, 300]
const SIDE = { left: 24, right: 74 }
/** Letters of a label that fit between two axes, and between an axis and the next one but one. */
const LETTERS = 36

/** Lines across vertical axes that stand side by side, one for each thing that has a value on all of them. */
export function parallelCoordinates({ title, description, axes, lines }: ParallelCoordinates): Html {
  const gaps = Math.max(1, axes.length - 1)
  const width = Math.max(NARROWEST, SIDE.left + SIDE.right + ACROSS * gaps)
  const xOf = (axis: number): number => SIDE.left + (axis * (width - SIDE.left - SIDE.right)) / gaps
  const scales = axes.map((axis) => scaleOf(axis, [HEIGHT - BOTTOM, TOP]))
  const path = (places: readonly number[]): string => {
    let isGap = true
    return places
      .map((value, i) => {
        if (!Number.isFinite(value)) {
          isGap = true
          return ''
        }
        const point = `${isGap ? 'M' : 'L'}${short(xOf(i))} ${short(scales[i]?.place(value) ?? 0)}`
        isGap = false
        return point
      })
      .join('')
  }
  return picture({ title, description, width, height: HEIGHT }, [
    ...lines.map(
      ({ name, places, style }) =>
        markup`<path class="line ${style}" d="${path(places)}"><title>${name}</title></path>`,
    ),
    ...axes.map(({ label }, i) => {
      const x = short(xOf(i))
      // Labels of neighbors are at two heights, so that long ones fit.
      const y = i % 2 === 0 ? 12 : 26
      const isLast = i > 0 && i === axes.length - 1
      return markup`<g class="axis upright"><path d="M${x} ${TOP}V${HEIGHT - BOTTOM}" /><text class="label" x="${isLast ? width - 4 : i === 0 ? 4 : x}" y="${y}" text-anchor="${isLast ? 'end' : i === 0 ? 'start' : 'middle'}">${clip(label, LETTERS)}</text>${(
        scales[i]?.ticks ?? []
      ).map(
        ({ at, text }) =>
          markup`<path d="M${x} ${short(at)}h4" /><text class="value" x="${short(xOf(i) + 7)}" y="${short(at + 4)}">${clip(text, 12)}</text>`,
      )}</g>`
    }),
  ])
}
