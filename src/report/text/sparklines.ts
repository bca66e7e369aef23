import { padded, visible } from './characters.ts'
import { shortNumber } from './format.ts'

const LEVELS = '▁▂▃▄▅▆▇█'
/** Maximum characters of a curve, and the fewest that show one. */
const [WIDEST, NARROWEST] = [60, 8]

/** Values of each metric, epoch by epoch. */
export type EpochValues = ReadonlyMap<string, readonly number[]>

/** A curve of each metric in a line of at most `width` characters; those of training and validation rows have one scale. */
export function sparklines(history: EpochValues, width: number): string[] {
  const shown = [...history].filter(([, values]) => values.length > 1)
  const names = Math.max(0, ...shown.map(([name]) => visible(name).length))
  const firsts = Math.max(0, ...shown.map(([, [first = NaN]]) => shortNumber(first).length))
  const lasts = Math.max(0, ...shown.map(([, values]) => shortNumber(values.at(-1) ?? NaN).length))
  const room = Math.min(WIDEST, width - 1 - names - firsts - lasts - 6)
  if (room < NARROWEST) return []
  return shown.map(([name, values]) => {
    const [first = NaN, last = NaN] = [values[0], values.at(-1)]
    const start = padded(shortNumber(first), firsts, 'right')
    return `  ${padded(visible(name), names)}  ${start} ${curve(values, boundsFor(name, history), room)} ${shortNumber(last)}`
  })
}

/** The bounds of a metric over training and validation rows. */
function boundsFor(name: string, history: EpochValues): readonly [low: number, high: number] {
  const base = name.replace(/^val_/, '')
  const values = [history.get(base), history.get(`val_${base}`)]
    .flatMap((one) => one ?? [])
    .filter(Number.isFinite)
  return values.reduce(
    ([low, high], value) => [Math.min(low, value), Math.max(high, value)],
    [Infinity, -Infinity],
  )
}

/** A character for each epoch, or for the mean of several; a space where there is no number. */
function curve(values: readonly number[], [low, high]: readonly [number, number], room: number): string {
  const length = Math.min(room, values.length)
  return Array.from({ length }, (_, i) => {
    const [from, to] = [
      Math.floor((i * values.length) / length),
      Math.floor(((i + 1) * values.length) / length),
    ]
    const mean = values.slice(from, to).reduce((sum, value) => sum + value, 0) / (to - from)
    if (!Number.isFinite(mean)) return ' '
    const level = high > low ? Math.round(((mean - low) / (high - low)) * (LEVELS.length - 1)) : 0
    return LEVELS.charAt(level)
  }).join('')
}
