// Rows of elements cut into pieces: tiles, panels, blocks of a depth.

/** `count` pieces of one size, the first of which begins at element `start`. */
export type EqualPieces = { readonly size: number; readonly count: number; readonly start: number }

/** A row of elements cut into pieces of at most two sizes. */
export type Pieces = readonly EqualPieces[]

/** Pieces of exactly `size` elements and one for what is left. */
export function splitWithRest(elements: number, size: number): Pieces {
  const count = Math.floor(elements / size)
  const rest = elements - count * size
  return nonEmpty({ size, count, start: 0 }, { size: rest, count: rest > 0 ? 1 : 0, start: count * size })
}

/** As few pieces of at most `size` elements as possible, as equal as possible. */
export function splitEvenly(elements: number, size: number): Pieces {
  const total = Math.ceil(elements / size)
  const small = Math.floor(elements / total)
  const larger = elements - small * total
  return nonEmpty(
    { size: small + 1, count: larger, start: 0 },
    { size: small, count: total - larger, start: larger * (small + 1) },
  )
}

/** Columns of most register tiles of a machine, and of its widest, which takes in what is left of a row. */
export type PanelWidths = { readonly usual: number; readonly widest: number }

/** Panels of the usual width; a few columns that are left go into the last one. */
export function splitPanels(columns: number, { usual, widest }: PanelWidths): Pieces {
  if (columns <= widest) return splitWithRest(columns, columns)
  const rest = columns % usual
  if (rest === 0 || rest > widest - usual) return splitWithRest(columns, usual)
  const even = columns - rest - usual
  return [...splitWithRest(even, usual), { size: usual + rest, count: 1, start: even }]
}

function nonEmpty(...pieces: EqualPieces[]): Pieces {
  return pieces.filter(({ count }) => count > 0)
}

export function pieceCount(pieces: Pieces): number {
  return pieces.reduce((sum, { count }) => sum + count, 0)
}
