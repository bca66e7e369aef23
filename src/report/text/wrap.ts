import { fittingLength, widthOf } from './characters.ts'

/** Lines of at most `width` cells, broken at spaces where possible, preferably at double ones. */
export function wrap(text: string, width: number): string[] {
  return lineRanges(text, width).map(([from, to]) => text.slice(from, to))
}

/** The start and the end of each line of a wrapped text; lines after the first may have another width. */
export function lineRanges(text: string, width: number, laterWidth = width): [from: number, to: number][] {
  const ranges: [number, number][] = []
  let from = 0
  let room = width
  while (from + room < text.length || widthOf(text.slice(from)) > room) {
    const rest = text.slice(from)
    const length = Math.max(1, fittingLength(rest, room))
    const gap = rest.lastIndexOf('  ', length)
    const space = gap > length / 2 ? gap : rest.lastIndexOf(' ', length)
    // Spaces that indent the text are no place to break it.
    const end = rest.slice(0, space).trim() === '' ? length : space
    ranges.push([from, from + end])
    from += end + (/^ */.exec(rest.slice(end))?.[0].length ?? 0)
    room = laterWidth
  }
  return [...ranges, [from, text.length]]
}
