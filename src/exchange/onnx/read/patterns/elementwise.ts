// Operators on the elements of tensors: an activation or another function of one tensor where functions.ts knows it by its
// numbers, else a product or a sum with known numbers, else a layer of several inputs.
import { broadcastShapes, sizeOf } from '../../../../ir/ir.ts'
import { knownFunction } from '../functions.ts'
import { affineLayer, layerOf } from '../layer.ts'
import type { Affine } from '../layer.ts'
import { Refusal } from '../refusal.ts'
import { BOOL, FLOAT_TYPES, scalar, WIDE_TYPES } from '../tensor.ts'
import type { KnownTensor } from '../tensor.ts'
import { isKnown, isView } from '../translation.ts'
import type { AppliedNode, Translate } from '../translation.ts'
import { truncated } from '../truncation.ts'
import { BATCH, onAxis, placed, shapeOf } from '../view.ts'
import type { View } from '../view.ts'
import { combined } from './merge.ts'

/** The meaning of an operator that is no part of a known function. */
type Fallback = (operation: AppliedNode) => View

export function elementwise(fallback: Fallback): Translate {
  return (operation) => knownFunction(operation) ?? fallback(operation)
}

/** The tensor itself. */
export function same(operation: AppliedNode): View {
  return operation.view()
}

/** Numbers of another type; truth values are no numbers. */
export function cast(operation: AppliedNode): View {
  const { node } = operation
  const type = node.integer('to', 1)
  const x = operation.view()
  if (type === BOOL) throw new Refusal('truth values')
  if (FLOAT_TYPES.has(type)) return x
  if (!WIDE_TYPES.has(type)) throw new Refusal(`numbers of the type ${type}, which leaves bits out`)
  return operation.hasWholeNumbers(0) ? x : { ...x, layer: truncated(x.layer, node.name) }
}

export function noFunction(operation: AppliedNode): never {
  const { node } = operation
  // Where an input is refused, so is this, for the same reason.
  operation.values()
  throw new Refusal(`${node.op} is not part of a function that nnlab has`)
}

export function negative(operation: AppliedNode): View {
  return scaled(operation.view(), scalar(-1), scalar(0))
}

/** The effect of known numbers on a tensor: they scale it, then they are added. */
type WithConstant = (
  constant: KnownTensor,
  isFirst: boolean,
) => { readonly scale: KnownTensor; readonly offset: KnownTensor } | undefined

/** An operator of two tensors: a layer of both, or the tensor scaled and shifted where the other is known. */
export function operands(type: string | undefined, withConstant: WithConstant = () => undefined): Translate {
  return elementwise((operation) => {
    const values = operation.values()
    const views = values.filter(isView)
    const [constant, ...others] = values.filter(isKnown)
    const [view] = views
    if (constant === undefined) {
      if (type === undefined) return noFunction(operation)
      return combined(type, views)
    }
    const affine = withConstant(constant, values[0] === constant)
    if (view === undefined || views.length > 1 || others.length > 0 || affine === undefined)
      return noFunction(operation)
    return scaled(view, affine.scale, affine.offset)
  })
}

/** A quotient; of whole numbers it has no fraction, which no layer cuts off. */
export function quotient(operation: AppliedNode): ReturnType<Translate> {
  if (operation.isWhole(0)) throw new Refusal('a quotient of whole numbers')
  return operands(undefined, divided)(operation)
}

const ONE = scalar(1)
const ZERO = scalar(0)
const inverted = ({ shape, data }: KnownTensor, f: (x: number) => number): KnownTensor => ({
  shape,
  data: Float64Array.from(data, f),
})

export const added: WithConstant = (constant) => ({ scale: ONE, offset: constant })
export const subtracted: WithConstant = (constant, isFirst) =>
  isFirst ? { scale: scalar(-1), offset: constant } : { scale: ONE, offset: inverted(constant, (x) => -x) }
export const multiplied: WithConstant = (constant) => ({ scale: constant, offset: ZERO })
const divided: WithConstant = (constant, isFirst) =>
  isFirst ? undefined : { scale: inverted(constant, (x) => 1 / x), offset: ZERO }

/** scale * x + offset, after what scaled and shifted x before. */
export function scaled(x: View, scale: KnownTensor, offset: KnownTensor): View {
  const { axis, data: factors } = alongAxis(x, scale)
  const { axis: own = axis, data: terms } = alongAxis(x, offset)
  if (axis !== undefined && own !== axis) throw new Refusal('numbers along several axes')
  if (own === undefined) return composed(x, undefined, factors, terms)
  return onAxis(x, own, (input, at, places) => {
    const view = { layer: input, lengths: [1, ...input.shape], axes: [] }
    return composed(view, at, placed(factors, places), placed(terms, places)).layer
  })
}

function composed(x: View, axis: number | undefined, scale: Float64Array, offset: Float64Array): View {
  const { affine, from } = x.layer
  const [source] = from
  const at = (data: Float64Array, i: number): number => data[i % data.length] ?? NaN
  if (affine && source && (affine.axis === undefined || axis === undefined || affine.axis === axis)) {
    const length = Math.max(affine.scale.length, affine.offset.length, scale.length, offset.length)
    const both: Affine = {
      axis: axis ?? affine.axis,
      scale: Float64Array.from({ length }, (_, i) => at(scale, i) * at(affine.scale, i)),
      offset: Float64Array.from({ length }, (_, i) => at(scale, i) * at(affine.offset, i) + at(offset, i)),
    }
    return { ...x, layer: affineLayer(source, both) }
  }
  return { ...x, layer: affineLayer(x.layer, { axis, scale, offset }) }
}

/** Known numbers that differ along one axis of a tensor at most, and that axis. */
function alongAxis(
  x: View,
  { shape: own, data }: KnownTensor,
): { axis: number | undefined; data: Float64Array } {
  const shape = shapeOf(x)
  if (data.length === 1) return { axis: undefined, data: Float64Array.from(data) }
  const missing = shape.length - own.length
  const fits = broadcastShapes(shape, own)
  if (missing < 0 || fits === undefined || sizeOf(fits) !== sizeOf(shape))
    throw new Refusal(`numbers [${own.join(', ')}] for [${shape.join(', ')}]`)
  const varied = own.flatMap((length, i) => (length > 1 ? [i + missing] : []))
  const isBatch = (axis: number): boolean => x.axes[axis]?.includes(BATCH) === true
  const [rows, ...others] = varied
  if (rows !== undefined && isBatch(rows)) {
    const size = data.length / (own[rows - missing] ?? 1)
    if (data.some((value, i) => value !== data[i % size])) throw new Refusal('numbers of rows')
    return alongAxis(x, { shape: own.with(rows - missing, 1), data: data.slice(0, size) })
  }
  if (rows === undefined || others.length > 0)
    throw new Refusal(`numbers [${own.join(', ')}] along several axes`)
  return { axis: rows, data: Float64Array.from(data) }
}

/** A slope for what is below 0. */
export function prelu(operation: AppliedNode): View {
  const x = operation.view()
  const { axis, data } = alongAxis(x, operation.requireKnown(1))
  if (axis === undefined)
    return {
      ...x,
      layer: layerOf('activation', [x.layer], {
        options: { activation: { type: 'leaky_relu', negative_slope: data[0] } },
      }),
    }
  return onAxis(x, axis, (input, at, places) => {
    const shared_axes = input.shape.flatMap((_, i) => (i + 1 === at ? [] : [i + 1]))
    return layerOf('prelu', [input], {
      options: shared_axes.length > 0 ? { shared_axes } : {},
      weights: { alpha: Float32Array.from(placed(data, places)) },
      label: operation.label(1),
    })
  })
}
