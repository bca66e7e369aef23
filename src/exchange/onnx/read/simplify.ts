// Layers as a person would write them: a sum that is a bias, an activation of a layer, two directions of one layer.
import * as z from 'zod'

import { layers as family } from '../../../components/layers/index.ts'
import { shortestFloat32 } from '../../shortest-float32.ts'
import { layerOf } from './layer.ts'
import type { Affine, Layer } from './layer.ts'
import { bothDirections } from './patterns/recurrent.ts'

/** A layer whose inputs have been rewritten, in place of one; `uses` counts what takes the output of each input before that. */
type LayerRule = (layer: Layer, uses: readonly number[]) => Layer

/** The outputs of the same function with fewer layers. */
export function simplified(outputs: readonly Layer[]): readonly Layer[] {
  return [onceRule(), affineRule, directionsRule, activationRule].reduce(rewritten, outputs)
}

function rewritten(outputs: readonly Layer[], rule: LayerRule): readonly Layer[] {
  const order = inOrder(outputs)
  const uses = new Map<Layer, number>()
  for (const layer of [...outputs, ...order.flatMap(({ from }) => from)])
    uses.set(layer, (uses.get(layer) ?? 0) + 1)
  const results = new Map<Layer, Layer>()
  const resultOf = (layer: Layer): Layer => results.get(layer) ?? layer
  for (const layer of order) {
    const counts = layer.from.map((source) => uses.get(source) ?? 0)
    const from = layer.from.map(resultOf)
    const isSame = from.every((source, i) => source === layer.from[i])
    results.set(layer, rule(isSame ? layer : { ...layer, from }, counts))
  }
  return outputs.map(resultOf)
}

/** The layers that outputs depend on, each after those that it takes. */
export function inOrder(outputs: readonly Layer[]): Layer[] {
  const done = new Set<Layer>()
  const trail = [...outputs].reverse()
  for (let layer = trail.at(-1); layer !== undefined; layer = trail.at(-1)) {
    const open = layer.from.filter((source) => !done.has(source))
    if (open.length === 0) done.add(trail.pop() ?? layer)
    else trail.push(...open)
  }
  return [...done]
}

/** Layers without weights that do the same are one, but those that leave things to chance. */
function onceRule(): LayerRule {
  const known = new Map<string, Layer>()
  const numbers = new Map<Layer, number>()
  const numberOf = (layer: Layer): number =>
    numbers.get(layer) ?? (numbers.set(layer, numbers.size), numbers.size - 1)
  return (layer) => {
    const { type, options, from, weights, affine } = layer
    if (from.length === 0 || affine || type === 'dropout' || Object.keys(weights).length > 0) return layer
    const key = JSON.stringify([type, options, from.map(numberOf)])
    const same = known.get(key) ?? layer
    known.set(key, same)
    return same
  }
}

const FACTOR_TOLERANCE = 1e-7
/** As Keras has it. */
const EPSILON = 1e-3

const affineRule: LayerRule = (layer, [uses]) => {
  const { affine } = layer
  const [source] = layer.from
  if (affine === undefined || source === undefined) return layer
  if (uses === 1 && isBias(affine, source)) return withBias(source, affine.offset)
  const { axis, scale, offset } = affine
  if (axis !== undefined) return normalization(source, affine)
  const [factor = 1] = scale
  const [term = 0] = offset
  if (Math.abs(factor - 1) < FACTOR_TOLERANCE && term === 0) return source
  const rounded = { scale: shortestFloat32(Math.fround(factor)), offset: shortestFloat32(Math.fround(term)) }
  return layerOf('rescaling', [source], { options: rounded })
}

function isBias({ axis, scale }: Affine, source: Layer): boolean {
  const isLast = axis === undefined || axis === source.shape.length
  const isSum = scale.every((factor) => Math.abs(factor - 1) < FACTOR_TOLERANCE)
  return isLast && isSum && source.options['use_bias'] === false && isLinear(source)
}

function withBias(
  { options: { use_bias: _none, ...options }, ...source }: Layer,
  offset: Float64Array,
): Layer {
  const length = source.shape.at(-1) ?? 0
  const bias = Float32Array.from({ length }, (_, i) => offset[i % offset.length] ?? NaN)
  return layerOf(source.type, source.from, {
    options,
    weights: { ...source.weights, bias },
    label: source.label,
  })
}

/** Batch normalization whose statistics change nothing. */
function normalization(source: Layer, { axis, scale, offset }: Affine): Layer {
  const length = Math.max(scale.length, offset.length)
  const list = (f: (i: number) => number): Float32Array => Float32Array.from({ length }, (_, i) => f(i))
  return layerOf('batch_normalization', [source], {
    options: axis === source.shape.length ? {} : { axis },
    weights: {
      gamma: list((i) => (scale[i % scale.length] ?? NaN) * Math.sqrt(1 + EPSILON)),
      beta: list((i) => offset[i % offset.length] ?? NaN),
      moving_mean: list(() => 0),
      moving_variance: list(() => 1),
    },
  })
}

/** An activation of a layer that has none. */
const activationRule: LayerRule = (layer, [uses]) => {
  const [source] = layer.from
  if (layer.type !== 'activation' || source === undefined || uses !== 1 || !isLinear(source)) return layer
  return {
    ...source,
    options: { ...source.options, activation: layer.options['activation'] },
    shape: layer.shape,
  }
}

const Activation = z.object({ activation: z.object({ type: z.literal('linear') }) })

/** True where a layer has an activation, which is none. */
function isLinear({ type, options }: Layer): boolean {
  const component = family.find(type)
  if (component === undefined || !('activation' in component.options()) || type === 'activation') return false
  return Activation.safeParse(family.ref().safeParse({ type, ...options }).data).success
}

const MERGED: ReadonlyMap<string, string> = new Map([
  ['concatenate', 'concat'],
  ['add', 'sum'],
  ['multiply', 'mul'],
  ['average', 'ave'],
])

const directionsRule: LayerRule = (layer, uses) => {
  const mode = MERGED.get(layer.type)
  const [forward, backward, ...others] = layer.from
  if (mode === undefined || forward === undefined || backward === undefined || others.length > 0) return layer
  if (uses.some((count) => count !== 1) || layer.options['axis'] !== undefined) return layer
  return bothDirections(forward, backward, mode) ?? layer
}
