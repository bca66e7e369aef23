import { sizesOf } from '../batch.ts'
import type { Length } from '../batch.ts'
import type { ModelWriter, LitertTensor } from './model.ts'

export function fixed(...lengths: readonly number[]): Length[] {
  return lengths.map((length) => ({ fixed: length }))
}

/** The length of one axis in the place of several. */
export function product(lengths: readonly Length[]): Length {
  const grows = lengths.some((length) => 'rows' in length)
  const size = lengths.reduce((total, length) => total * ('rows' in length ? length.rows : length.fixed), 1)
  return grows ? { rows: size } : { fixed: size }
}

export function isOne(length: Length): boolean {
  return 'fixed' in length && length.fixed === 1
}

/** A tensor of the same elements in another shape. */
export function reshape(model: ModelWriter, x: LitertTensor, lengths: readonly Length[]): LitertTensor {
  const shape = sizesOf(lengths)
  if (shape.filter((length) => length === -1).length > 1) throw new Error('two axes grow with the batch')
  return model.node('RESHAPE', [x, model.integers(shape)], { lengths, type: model.typeOf(x) })
}

/** The most axes that every elementwise operator broadcasts. */
const MOST_AXES = 4

/** Applies an operator that broadcasts its operands, with neighbouring axes as one where they are too many for it. */
export function broadcasting(
  model: ModelWriter,
  operands: readonly LitertTensor[],
  lengths: readonly Length[],
  apply: (operands: readonly LitertTensor[], lengths: readonly Length[]) => LitertTensor,
): LitertTensor {
  if (lengths.length <= MOST_AXES) return apply(operands, lengths)
  const shapes = operands.map((operand) => {
    const own = model.lengthsOf(operand)
    return [...fixed(...Array<number>(lengths.length - own.length).fill(1)), ...own]
  })
  const groups = joined(lengths, shapes)
  const merged = (shape: readonly Length[]): Length[] =>
    groups.map(([first, end]) => product(shape.slice(first, end)))
  const inputs = operands.map((operand, i) => reshape(model, operand, merged(shapes[i] ?? [])))
  return reshape(model, apply(inputs, merged(lengths)), lengths)
}

/** Ranges of axes along which the same operands are broadcast. */
function joined(
  lengths: readonly Length[],
  shapes: readonly (readonly Length[])[],
): (readonly [first: number, end: number])[] {
  const groups: [number, number][] = []
  let last: string | undefined
  for (const [axis, length] of lengths.entries()) {
    const pattern = isOne(length) ? last : shapes.map((shape) => isOne(shape[axis] ?? length)).join()
    const group = groups.at(-1)
    if (group && (pattern === last || last === undefined)) group[1] = axis + 1
    else groups.push([axis, axis + 1])
    last = pattern
  }
  return groups
}
