import type { Builder } from '../builder.ts'
import { sameShape } from '../ir.ts'
import type { Shape, Value } from '../ir.ts'

/** x, in a larger tensor that is zero around it. */
type Piece = { readonly x: Value; readonly starts: Shape }

/**
 * The terms of a sum of a shape, of which those that are zero but for a piece are one where the pieces lie beside each
 * other: the gradient of a tensor that is read slice by slice, which would take all its memory for each slice.
 */
export function joinPieces(b: Builder, terms: readonly Value[], whole: Shape): readonly Value[] {
  const pieces = terms.flatMap((term) => pieceOf(term, whole) ?? [])
  let joined = pieces
  for (const axis of whole.keys()) {
    joined = linesOf(joined, axis).flatMap((line) => joinLine(b, line, axis))
  }
  if (joined.length === pieces.length) return terms
  const rest = terms.filter((term) => pieceOf(term, whole) === undefined)
  return [...rest, ...joined.map((piece) => padded(b, piece, whole))]
}

function pieceOf(term: Value, whole: Shape): Piece | undefined {
  if (term.op !== 'pad' || term.value !== 0 || !sameShape(term.shape, whole)) return undefined
  return { x: term.x, starts: term.padding.map(([before]) => before) }
}

function padded(b: Builder, { x, starts }: Piece, whole: Shape): Value {
  const after = (axis: number): number => (whole[axis] ?? 0) - (starts[axis] ?? 0) - (x.shape[axis] ?? 0)
  return b.pad(
    x,
    starts.map((start, axis) => [start, after(axis)]),
  )
}

/** Pieces that cover the same range of every axis but one. */
function linesOf(pieces: readonly Piece[], axis: number): Piece[][] {
  const lines = new Map<string, Piece[]>()
  for (const piece of pieces) {
    const key = [...piece.starts.toSpliced(axis, 1), ...piece.x.shape.toSpliced(axis, 1)].join()
    const line = lines.get(key)
    if (line === undefined) lines.set(key, [piece])
    else line.push(piece)
  }
  return [...lines.values()]
}

/** Joins pieces along an axis, in as few rows as none overlaps in, with zeros between them. */
function joinLine(b: Builder, line: readonly Piece[], axis: number): Piece[] {
  const rows: { starts: Shape; parts: Value[]; end: number }[] = []
  for (const { x, starts } of line.toSorted((p, q) => (p.starts[axis] ?? 0) - (q.starts[axis] ?? 0))) {
    const start = starts[axis] ?? 0
    const row = rows.find(({ end }) => end <= start) ?? { starts, parts: [], end: start }
    if (row.parts.length === 0) rows.push(row)
    const gap = start - row.end
    row.parts.push(
      b.pad(
        x,
        starts.map((_, i) => [i === axis ? gap : 0, 0]),
      ),
    )
    row.end = start + (x.shape[axis] ?? 0)
  }
  return rows.map(({ parts, starts }) => ({ x: b.concat(parts, axis), starts }))
}
