import { Builder } from '../builder.ts'
import { sameShape } from '../ir.ts'
import type { Program, Shape, Value } from '../ir.ts'
import { countUses, outputsOf, replay } from './rewrite.ts'

/**
 * Makes one concatenation of those terms of a sum that are zero but for pieces beside each other. The gradient of a
 * tensor that is read slice by slice is such a sum, which would take time and memory for all of it at each slice.
 */
export function joinPieces(program: Program): Program {
  const sums = sumsOfPieces(program)
  if (sums.size === 0) return program
  const b = new Builder()
  let changed = false
  const copies = replay(b, program, (value, copy, copyOf) => {
    const terms = sums.get(value)?.map(copyOf) ?? []
    const pieces = terms.flatMap((term) => pieceOf(term, value.shape) ?? [])
    const joined = join(b, pieces)
    if (joined.length === pieces.length) return copy
    changed = true
    const rest = terms.filter((term) => pieceOf(term, value.shape) === undefined)
    const wholes = joined.map((piece) => padded(b, piece, value.shape))
    return [...rest, ...wholes].reduce((sum, term) => b.add(sum, term))
  })
  if (!changed) return program
  return b.program(outputsOf(program, copies))
}

/** The terms of each sum that is not itself only a term of a larger one, where several are pieces. */
function sumsOfPieces(program: Program): Map<Value, Value[]> {
  const uses = countUses(program)
  const inner = new Set<Value>()
  const sums = new Map<Value, Value[]>()
  for (const sum of program.values.toReversed()) {
    if (!isSum(sum) || inner.has(sum)) continue
    const terms: Value[] = []
    const open: Value[] = [sum.b, sum.a]
    for (let term = open.pop(); term !== undefined; term = open.pop()) {
      if (isSum(term) && uses.get(term) === 1 && sameShape(term.shape, sum.shape)) {
        inner.add(term)
        open.push(term.b, term.a)
      } else terms.push(term)
    }
    const pieces = terms.filter((term) => pieceOf(term, sum.shape) !== undefined)
    if (pieces.length > 1) sums.set(sum, terms)
  }
  return sums
}

function isSum(value: Value): value is Value<'binary'> {
  return value.op === 'binary' && value.function === 'add'
}

/** x, in a larger tensor that is zero around it. */
type Piece = { readonly x: Value; readonly starts: Shape }

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

/** The same sum in fewer pieces: along one axis after another, those that differ in their place along it become one. */
function join(b: Builder, pieces: readonly Piece[]): readonly Piece[] {
  let joined = pieces
  for (const axis of pieces[0]?.starts.keys() ?? []) {
    joined = linesOf(joined, axis).flatMap((line) => joinLine(b, line, axis))
  }
  return joined
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
