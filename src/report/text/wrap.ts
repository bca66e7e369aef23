import { fittingLength } from './characters.ts'

/** Lines of at most `width` cells, broken at spaces where possible, preferably at double ones. */
export function wrap(text: string, width: number): string[] {
  return lineRanges(text, width).map(([from, to]) => text.slice(from, to))
}

/** The start and the end of each line of a wrapped text; lines after the first may have another width. */
export function lineRanges(text: string, width: number, laterWidth = width): [from: number, to: number][] {
  const ranges: [number, number][] = []
  let from = 0
  for (let room = width; ; room = laterWidth) {
    // Lines may be very long: what is farther away cannot be in this one, unless by characters without a width.
    const rest = text.slice(from, from + 4 * room)
    const length = Math.max(1, fittingLength(rest, room))
    if (from + length >= text.length) return [...ranges, [from, text.length]]
    const gap = rest.lastIndexOf('  ', length)
    const space = gap > length / 2 ? gap : rest.lastIndexOf(' ', length)
    // Spaces that indent the text are no place to break it.
    const end = space === -1 || rest.slice(0, space).trim() === '' ? length : space
    ranges.push([from, from + end])
    from += end + (/^ */.exec(rest.slice(end))?.[0].length ?? 0)
  }
}
