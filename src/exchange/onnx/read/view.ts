// Tensors of a graph as layers have them. ONNX has channels before the spatial axes, nnlab has them last, and a graph turns and
// regroups axes as it likes: a view follows that without a layer, until something takes axes in an order of its own.
import { sameShape, sizeOf } from '../../../ir/ir.ts'
import type { Shape } from '../../../ir/ir.ts'
import { layerOf } from './layer.ts'
import type { Layer, LayerParts } from './layer.ts'
import { Refusal } from './refusal.ts'

/** Axes of a layer's output, one after the other. */
export type AxisGroup = readonly number[]

/** A tensor: the output of a layer, with its axes in another order or grouping. */
export type View = {
  readonly layer: Layer
  /** The axes of the output, the batch first; one of the layer's may be cut into several. */
  readonly lengths: Shape
  /** The axes that each axis of the tensor runs over; one of length 1 over none. */
  readonly axes: readonly AxisGroup[]
}

/** The batch, among the axes of a layer's output. */
export const BATCH = 0

/** The output of a layer as it is; `order` says where its axes are in the tensor. */
export function viewOf(layer: Layer, batch: number, order?: readonly number[]): View {
  const lengths = [batch, ...layer.shape]
  return { layer, lengths, axes: (order ?? lengths.map((_, axis) => axis)).map((axis) => [axis]) }
}

export function shapeOf({ axes, lengths }: View): Shape {
  return axes.map((group) => sizeOf(group.map((axis) => lengths[axis] ?? 1)))
}

export function transposed(view: View, order: readonly number[]): View {
  return { ...view, axes: order.map((axis) => view.axes[axis] ?? []) }
}

type AxisPart = { readonly axis: number; readonly length: number }

/** The tensor with its elements, in their order, in another shape; undefined where it cuts axes across. */
export function regrouped(view: View, shape: Shape): View | undefined {
  const waiting = view.axes.flat().flatMap((axis): AxisPart[] => {
    const length = view.lengths[axis] ?? 1
    return length === 1 && axis !== BATCH ? [] : [{ axis, length }]
  })
  const groups: AxisPart[][] = []
  for (const length of shape) {
    const group: AxisPart[] = []
    let rest = length
    for (
      let next = waiting[0];
      next !== undefined && (rest > 1 || (next.axis === BATCH && next.length === 1));
      next = waiting[0]
    ) {
      waiting.shift()
      const taken = next.length <= rest ? next.length : rest
      if (rest % taken !== 0 || next.length % taken !== 0) return undefined
      if (taken < next.length) {
        if (next.axis === BATCH) return undefined
        waiting.unshift({ axis: next.axis, length: next.length / taken })
      }
      group.push({ axis: next.axis, length: taken })
      rest /= taken
    }
    if (rest !== 1) return undefined
    groups.push(group)
  }
  return waiting.length > 0 ? undefined : withParts(view, groups)
}

/** A view whose axes may be parts of those before. */
function withParts({ layer, lengths: before }: View, groups: readonly (readonly AxisPart[])[]): View {
  const parts = groups.flat()
  const order = before.flatMap((length, axis): AxisPart[] => {
    const own = parts.filter((part) => part.axis === axis)
    return own.length === 0 ? [{ axis, length }] : own
  })
  return {
    layer,
    lengths: order.map(({ length }) => length),
    axes: groups.map((group) => group.map((part) => order.indexOf(part))),
  }
}

/** The layer whose rows have these axes, in this order, and whose first axis is the batch. */
export function arranged(view: View, [first, ...groups]: readonly AxisGroup[]): Layer {
  if (first?.length !== 1 || first[0] !== BATCH) throw new Refusal('the batch is not its first axis')
  const { layer, lengths } = view
  const order = groups.flat()
  const length = (axis: number): number => lengths[axis] ?? 1
  const left = lengths.flatMap((_, axis) => (axis === BATCH || order.includes(axis) ? [] : [axis]))
  if (left.some((axis) => length(axis) !== 1)) throw new Refusal('it takes a part of the axes')
  const moving = order.filter((axis) => length(axis) > 1)
  const isInOrder = moving.every((axis, i) => i === 0 || axis > (moving[i - 1] ?? 0))
  const source = isInOrder
    ? layer
    : layerOf('permute', [withShape(layer, lengths.slice(1))], { options: { dims: [...order, ...left] } })
  return withShape(
    source,
    groups.map((group) => sizeOf(group.map(length))),
  )
}

/** A layer that gives rows another shape; none where they have it. */
export function withShape(layer: Layer, shape: Shape): Layer {
  if (sameShape(layer.shape, shape)) return layer
  // One that gave them another before makes no difference.
  const [before] = layer.type === 'reshape' || layer.type === 'flatten' ? layer.from : []
  if (before) return withShape(before, shape)
  if (shape.length === 1) return layerOf('flatten', [layer])
  return layerOf('reshape', [layer], { options: { target_shape: shape } })
}

/** A layer that takes a view: the axes that were left to it, its own ones, and the view of both. */
export type MadeLayer = {
  readonly kept: (group: AxisGroup) => AxisGroup
  readonly own: readonly AxisGroup[]
  view(axes: readonly AxisGroup[]): View
}

/** A layer that works along some axes of a row, whatever others there are; it has `count` axes of its own after those. */
export function along(
  view: View,
  taken: readonly AxisGroup[],
  make: (input: Layer) => Layer,
  count = taken.length,
): MadeLayer {
  const others = othersOf(view, taken)
  const layer = make(arranged(view, [...others.map((axis) => [axis]), ...taken]))
  return made(view, others, layer, count)
}

/** A layer that takes all axes of a row; where the batch of the tensor has more than rows, it is applied to each of them. */
export function perRow(
  view: View,
  taken: readonly AxisGroup[],
  type: string,
  { options = {}, weights = {}, label }: LayerParts,
): MadeLayer {
  const others = othersOf(view, taken)
  const [batch = BATCH, ...steps] = others
  if (steps.length === 0) {
    const layer = layerOf(type, [arranged(view, [[batch], ...taken])], { options, weights, label })
    return made(view, others, layer, taken.length)
  }
  const wrapped = Object.fromEntries(Object.entries(weights).map(([name, data]) => [`layer/${name}`, data]))
  const layer = layerOf('time_distributed', [arranged(view, [[batch], steps, ...taken])], {
    options: { layer: { type, ...options } },
    weights: wrapped,
    label,
  })
  return made(view, others, layer, taken.length)
}

/**
 * A layer that treats the elements along an axis of a tensor each in its own way. It gets the axis of its rows (1 is the first), and
 * the place along it of each element along that of the tensor.
 */
export function onAxis(
  view: View,
  axis: number,
  make: (input: Layer, axis: number, places: readonly number[]) => Layer,
): View {
  const group = view.axes[axis] ?? []
  const [only, ...others] = group
  if (only !== undefined && others.length === 0 && view.lengths.length === view.layer.shape.length + 1)
    return { ...view, layer: make(view.layer, only, placesOf(group, group, view.lengths)) }
  const inOrder = group.toSorted((a, b) => a - b)
  const places = placesOf(group, inOrder, view.lengths)
  const result = along(view, [inOrder], (input) => make(input, input.shape.length, places))
  return result.view(view.axes.map((one, at) => (at === axis ? (result.own[0] ?? []) : result.kept(one))))
}

/** The place of each element along some axes when these are in another order. */
export function placesOf(axes: AxisGroup, order: AxisGroup, lengths: Shape): number[] {
  const lengthOf = (axis: number): number => lengths[axis] ?? 1
  const strides = new Map(order.map((axis, i) => [axis, sizeOf(order.slice(i + 1).map(lengthOf))]))
  return axes.reduce(
    (places, axis) =>
      places.flatMap((place) =>
        Array.from({ length: lengthOf(axis) }, (_, i) => place + i * (strides.get(axis) ?? 0)),
      ),
    [0],
  )
}

/** Numbers for the elements along an axis of a tensor, at the places that they have in the layer. */
export function placed(data: ArrayLike<number>, places: readonly number[]): Float64Array {
  const ordered = new Float64Array(places.length)
  places.forEach((place, i) => void (ordered[place] = data[i % data.length] ?? NaN))
  return ordered
}

/** The axes of a tensor but some, the batch first. */
function othersOf({ axes }: View, taken: readonly AxisGroup[]): AxisGroup {
  const own = taken.flat()
  return axes
    .flat()
    .filter((axis) => !own.includes(axis))
    .sort((a, b) => a - b)
}

function made(view: View, others: AxisGroup, layer: Layer, count: number): MadeLayer {
  const own = count === 0 ? [] : layer.shape.slice(-count)
  const lengths = [...others.map((axis) => view.lengths[axis] ?? 1), ...own]
  return {
    kept: (group) => group.map((axis) => others.indexOf(axis)),
    own: own.map((_, i) => [others.length + i]),
    view: (axes) => ({ layer, lengths, axes }),
  }
}
