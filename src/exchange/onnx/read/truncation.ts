// Casts of numbers with fractions to whole ones. nnlab has no layer that cuts fractions off, but an embedding does it with what
// it takes.
import type { Layer } from './layer.ts'

/** A layer that cuts fractions off, which a model cannot have; its label is the node that does so. */
export const TRUNCATED = 'truncated'

export function truncated(source: Layer, node: string): Layer {
  return { type: TRUNCATED, options: {}, from: [source], shape: source.shape, weights: {}, label: node }
}

/** Layers whose results are the elements of what they take. */
const MOVING: ReadonlySet<string> = new Set([
  'concatenate',
  'cropping2d',
  'flatten',
  'permute',
  'repeat_vector',
  'reshape',
])

/** The same with fractions, for a layer that cuts them off itself. */
export function untruncated(layer: Layer, known = new Map<Layer, Layer>()): Layer {
  const before = known.get(layer)
  if (before) return before
  const from = MOVING.has(layer.type) ? layer.from.map((source) => untruncated(source, known)) : layer.from
  const isSame = from.every((source, i) => source === layer.from[i])
  const [source = layer] = from
  const result = layer.type === TRUNCATED ? source : isSame ? layer : { ...layer, from }
  known.set(layer, result)
  return result
}
