import { characterWidth, visible } from './characters.ts'

/** A line of a source file cut to a width, and the mark under a part of it. */
export type Excerpt = { readonly text: string; readonly mark: string }

/** Cuts `line` to `width` cells around the `length` characters that begin at `column` (from 1), which are marked. */
export function excerpt(line: string, column: number, length: number, width: number): Excerpt {
  // Characters farther away than this cannot be shown: lines may be very long.
  const from = Math.max(0, column - 1 - 2 * width)
  const part = line.slice(from, column - 1 + 4 * width)
  const cells = cellsOf(part)
  const at = column - 1 - from
  const first = cells.findIndex(({ end }) => end > at)
  const marked = first === -1 ? [] : cells.slice(first).filter(({ start }) => start < at + length)
  const before = cells.slice(0, first === -1 ? cells.length : first)
  const after = cells.slice(before.length + marked.length)
  const markWidth = Math.min(Math.max(1, widthOf(marked)), width)

  // The marked characters take precedence, then those before them, then those after them.
  const shownMarked = fit(marked, width)
  const room = width - markWidth
  const lead = fit(before.toReversed(), room - (widthOf(before) > room ? 1 : 0)).toReversed()
  const leadCut = lead.length < before.length
  const left = room - widthOf(lead) - (leadCut ? 1 : 0)
  const rest = widthOf(after) > left ? fit(after, left - 1) : after
  const cut = shownMarked.length < marked.length || rest.length < after.length
  const start = (leadCut ? '…' : '') + textOf(lead)
  const indent = widthOf(lead) + (leadCut ? 1 : 0)
  const end = cut && left > 0 ? '…' : ''
  return {
    text: (start + textOf(shownMarked) + textOf(rest) + end).trimEnd(),
    mark: ' '.repeat(indent) + '^'.repeat(markWidth),
  }
}

/** A character as it is shown: its UTF-16 offsets, its replacement and its width in cells of the terminal. */
type ShownCharacter = {
  readonly start: number
  readonly end: number
  readonly shown: string
  readonly width: number
}

function cellsOf(line: string): ShownCharacter[] {
  let start = 0
  return Array.from(line, (character) => {
    const cell = { start, end: start + character.length, ...shownAs(character) }
    start = cell.end
    return cell
  })
}

function shownAs(character: string): { shown: string; width: number } {
  if (character === '\t') return { shown: '    ', width: 4 }
  if (visible(character) !== character) return { shown: '·', width: 1 }
  return { shown: character, width: characterWidth(character) }
}

function widthOf(cells: readonly ShownCharacter[]): number {
  return cells.reduce((sum, { width }) => sum + width, 0)
}

function textOf(cells: readonly ShownCharacter[]): string {
  return cells.map(({ shown }) => shown).join('')
}

/** The first cells that fit into a width. */
function fit(cells: readonly ShownCharacter[], width: number): ShownCharacter[] {
  let room = width
  const end = cells.findIndex((cell) => (room -= cell.width) < 0)
  return end === -1 ? [...cells] : cells.slice(0, end)
}
