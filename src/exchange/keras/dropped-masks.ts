// Operations of Keras, as in `2 * x`, drop the mask of what they are given; the layers that they become pass it on. A `reshape` to
// the same shape before them drops it, too.
import { layers as family } from '../../components/layers/index.ts'
import { isMap } from '../../registry.ts'
import type { ReadLayer } from '../foreign-model.ts'
import type { Refuse } from '../format.ts'
import { mapOf } from './read-objects.ts'

/** Tells that something in a file masks steps. */
export function makesMasks(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(makesMasks)
  if (!isMap(value)) return false
  const isMasking = value['class_name'] === 'Masking' || mapOf(value['config'])['mask_zero'] === true
  return isMasking || Object.values(value).some(makesMasks)
}

/** Calls of layers, as far as masks are concerned. */
export type MaskedCalls = {
  /** Shapes of what the layers take that are operations in the file, by their names and those of what they take. */
  readonly operations: ReadonlyMap<string, ReadonlyMap<string, readonly unknown[] | undefined>>
  /** Names of layers that are given a mask that Keras made. */
  readonly given: ReadonlySet<string>
}

/** Layers in their order, with a `reshape` wherever an operation takes what is masked; so may the inputs be. */
export function withDroppedMasks(
  layers: readonly ReadLayer[],
  inputs: readonly string[],
  { operations, given }: MaskedCalls,
  names: { give(wanted: string): string },
  refuse: Refuse,
): ReadLayer[] {
  const masked = new Set(inputs)
  const isMasked = (name: string): boolean => masked.has(name.split('/', 1)[0] ?? name)
  return layers.flatMap((layer) => {
    const shapes = operations.get(layer.name)
    if (shapes === undefined) {
      const takesMask = layer.from.some(isMasked)
      if (given.has(layer.name) && !takesMask) refuse(`layer ${layer.name}: it is called with mask`)
      if (isMaker(layer) || (takesMask && passesMasks(layer))) masked.add(layer.name)
      return layer
    }
    const dropping = layer.from.filter(isMasked).map((name): ReadLayer => {
      const target_shape = shapes.get(name)
      if (target_shape === undefined) refuse(`layer ${layer.name}: an operation on masked steps`)
      return { type: 'reshape', target_shape, name: names.give(`${layer.name}_input`), from: [name] }
    })
    const renamed = new Map(dropping.map(({ name, from: [source = ''] }) => [source, name]))
    return [...dropping, { ...layer, from: layer.from.map((name) => renamed.get(name) ?? name) }]
  })
}

function isMaker({ type, mask_zero }: ReadLayer): boolean {
  return type === 'masking' || mask_zero === true
}

function passesMasks({ type }: ReadLayer): boolean {
  return type === 'shared' || (family.find(type)?.masking ?? 'drop') !== 'drop'
}
