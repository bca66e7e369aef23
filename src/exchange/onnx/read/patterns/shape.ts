// Operators that move elements: most of them are views, and the others are layers that cut, pad or repeat.
import { broadcastShapes, sameShape, sizeOf } from '../../../../ir/ir.ts'
import type { Shape } from '../../../../ir/ir.ts'
import { sum } from '../../../../statistics.ts'
import { axisOf, flattened, permutationOf, reshaped, slicesOf, squeezed, unsqueezed } from '../evaluate.ts'
import { layerOf } from '../layer.ts'
import { Refusal } from '../refusal.ts'
import { listOf } from '../tensor.ts'
import type { AppliedNode } from '../translation.ts'
import { arranged, BATCH, perRow, regrouped, shapeOf, transposed, viewOf, withShape } from '../view.ts'
import type { View } from '../view.ts'
import { lastStep, REVERSED } from './recurrent.ts'

export function reshape(operation: AppliedNode): View {
  const x = operation.view()
  const { node } = operation
  return inShape(x, reshaped(shapeOf(x), listOf(operation.requireKnown(1)), node))
}

export function flatten(operation: AppliedNode): View {
  const x = operation.view()
  return inShape(x, flattened(shapeOf(x), operation.node))
}

export function squeeze(operation: AppliedNode): View {
  const x = operation.view()
  return inShape(x, squeezed(operation.node, operation.knownInputs(), shapeOf(x)))
}

export function unsqueeze(operation: AppliedNode): View {
  const x = operation.view()
  return inShape(x, unsqueezed(operation.node, operation.knownInputs(), shapeOf(x)))
}

export function transpose(operation: AppliedNode): View {
  const x = operation.view()
  return transposed(x, permutationOf(operation.node, x.axes.length))
}

/** The tensor in another shape; where that cuts axes across, rows are brought into their order first. */
function inShape(view: View, shape: Shape): View {
  const same = regrouped(view, shape)
  if (same) return same
  const [batch = 1] = view.lengths
  const rows = regrouped(view, [batch, sizeOf(shape) / batch])
  if (rows === undefined || shape[0] !== batch) throw new Refusal('it mixes rows of the batch')
  return viewOf(withShape(arranged(rows, rows.axes), shape.slice(1)), batch)
}

/** A part of some axes. */
export function slice(operation: AppliedNode): View {
  const x = operation.view()
  const shape = shapeOf(x)
  const cuts = slicesOf(operation.node, operation.knownInputs(), shape)
  const turned = cuts.flatMap(({ step, count }, axis) => (step === -1 && count === shape[axis] ? [axis] : []))
  const [source] = x.layer.type === REVERSED ? x.layer.from : []
  // Steps that are turned round twice.
  if (source && turned.length === 1 && x.axes[turned[0] ?? 0]?.join() === '1') return { ...x, layer: source }
  const [axis, ...others] = cuts.flatMap(({ step, count }, at) =>
    step !== 1 || count !== shape[at] ? [at] : [],
  )
  const cut = cuts[axis ?? 0]
  if (axis !== undefined && others.length === 0 && cut?.step === 1)
    return cropped(x, axis, cut.start, cut.count)
  const borders = cuts.map(({ start, step, count }, at) => {
    if (step !== 1) throw new Refusal(`steps of ${step}`)
    return borderOf(start, count, shape[at] ?? 0)
  })
  return bordered(x, borders, CROPPING)
}

/** Some elements of an axis: one of them where a number is given, a part where they are neighbors. */
export function gatherAlong(operation: AppliedNode): View {
  const x = operation.view()
  const { shape, data } = operation.requireKnown(1)
  const axis = axisOf(operation.node.integer('axis', 0), x.axes.length)
  const length = shapeOf(x)[axis] ?? 0
  const [start = 0, ...others] = Array.from(data, (index) => (index < 0 ? index + length : index))
  if (shape.length > 1 || others.some((index, i) => index !== start + i + 1))
    throw new Refusal('indices that are not neighbors')
  const part = cropped(x, axis, start, others.length + 1)
  return shape.length === 1 ? part : inShape(part, shapeOf(part).toSpliced(axis, 1))
}

export function split(operation: AppliedNode): View[] {
  const x = operation.view()
  const { node } = operation
  const axis = axisOf(node.integer('axis', 0), x.axes.length)
  const [length = 0, count] = [shapeOf(x)[axis], node.outputs.length]
  const given = operation.known(1)
  const most = Math.ceil(length / count)
  const equal = node.outputs.map((_, i) => Math.min(most, length - i * most))
  const parts = node.integers('split') ?? (given ? listOf(given) : equal)
  return parts.map((part, i) => cropped(x, axis, sum(parts.slice(0, i)), part))
}

/** Zeros around some axes. */
export function pad(operation: AppliedNode): View {
  const x = operation.view()
  const { node } = operation
  const mode = node.text('mode', 'constant')
  const fill = operation.known(2)?.data[0] ?? node.float('value', 0)
  if (mode !== 'constant' || fill !== 0)
    throw new Refusal(mode === 'constant' ? `a border of ${fill}` : `mode ${mode}`)
  const pads = node.integers('pads') ?? listOf(operation.requireKnown(1))
  const given = operation.known(3)
  const axes = given ? listOf(given) : x.axes.map((_, axis) => axis)
  const borders = x.axes.map((): Border => [0, 0])
  axes.forEach((axis, i) => {
    borders[axisOf(axis, borders.length)] = [pads[i] ?? 0, pads[i + axes.length] ?? 0]
  })
  return bordered(x, borders, PADDING)
}

/** Elements before and after an axis that are cut off or added. */
export type Border = readonly [before: number, after: number]

export const CROPPING = { type: 'cropping2d', option: 'cropping', sign: -1 } as const
export const PADDING = { type: 'zero_padding2d', option: 'padding', sign: 1 } as const

function borderOf(start: number, count: number, length: number): Border {
  if (start < 0 || count < 1 || start + count > length)
    throw new Refusal(`${count} elements from ${start} on of ${length}`)
  return [start, length - start - count]
}

/** `count` neighbors along an axis. */
function cropped(view: View, axis: number, start: number, count: number): View {
  const border = borderOf(start, count, shapeOf(view)[axis] ?? 0)
  const last = count === 1 ? lastStep(view, axis, start) : undefined
  const whole = last ?? joinedPart(view, axis, start, count)
  if (whole) return whole
  return bordered(
    view,
    view.axes.map((_, at) => (at === axis ? border : [0, 0])),
    CROPPING,
  )
}

/** `count` neighbors along an axis that tensors were joined along, where one of these has them. */
function joinedPart(view: View, axis: number, start: number, count: number): View | undefined {
  const { layer, lengths, axes } = view
  const [at = BATCH, ...others] = axes[axis] ?? []
  const isJoined =
    layer.type === 'concatenate' &&
    others.length === 0 &&
    lengths.length === layer.shape.length + 1 &&
    at === (layer.options['axis'] ?? layer.shape.length)
  if (!isJoined) return undefined
  let begin = 0
  for (const source of layer.from) {
    const length = source.shape[at - 1] ?? 0
    const part = { layer: source, lengths: lengths.with(at, length), axes }
    if (begin <= start && start + count <= begin + length)
      return length === count ? part : cropped(part, axis, start - begin, count)
    begin += length
  }
  return undefined
}

/** The border of each axis cut off or added: of images at once, else of one axis after the other. */
export function bordered(
  view: View,
  borders: readonly Border[],
  kind: typeof CROPPING | typeof PADDING,
): View {
  const changed = borders.flatMap((border, axis) => (sum(border) === 0 ? [] : [axis]))
  if (borders.flat().some((length) => length < 0)) throw new Refusal('a border of less than nothing')
  if (changed.some((axis) => view.axes[axis]?.includes(BATCH)))
    throw new Refusal('rows of the batch are left out')
  const isBatchFirst = view.axes[0]?.join() === String(BATCH)
  const channels = [3, 2, 1].find((axis) => !changed.includes(axis))
  if (view.axes.length !== 4 || !isBatchFirst || channels === undefined)
    return changed.reduce((part, axis) => borderedAxis(part, axis, borders[axis] ?? [0, 0], kind), view)
  if (changed.length === 0) return view
  const spatial = [1, 2, 3].filter((axis) => axis !== channels)
  const taken = [...spatial, channels].map((axis) => view.axes[axis] ?? [])
  const options = { [kind.option]: short(spatial.map((axis) => borders[axis] ?? [0, 0])) }
  const made = perRow(view, taken, kind.type, { options })
  const order = [...spatial, channels]
  return made.view(
    view.axes.map((group, axis) => (axis === 0 ? made.kept(group) : (made.own[order.indexOf(axis)] ?? []))),
  )
}

/** The border of one axis, as that of the columns of images: what is before it are their rows, what is after it their channels. */
function borderedAxis(
  view: View,
  axis: number,
  border: Border,
  { type, option, sign }: typeof CROPPING | typeof PADDING,
): View {
  const own = view.axes[axis] ?? []
  const [first = 0, last = 0] = [Math.min(...own), Math.max(...own)]
  const others = view.axes
    .flat()
    .filter((one) => !own.includes(one))
    .sort((a, b) => a - b)
  const before = others.filter((one) => one < first)
  const after = others.filter((one) => one > first)
  if (after.some((one) => one < last) || own.length === 0)
    throw new Refusal('a part of axes that were put together')
  const image = arranged(view, [[BATCH], before.slice(1), own, after])
  const changed = layerOf(type, [image], { options: { [option]: [[0, 0], border] } })
  const length = (shapeOf(view)[axis] ?? 0) + sign * sum(border)
  const place = (one: number): number =>
    one < first ? before.indexOf(one) : before.length + 1 + after.indexOf(one)
  const lengthOf = (one: number): number => view.lengths[one] ?? 1
  return {
    layer: changed,
    lengths: [...before.map(lengthOf), length, ...after.map(lengthOf)],
    axes: view.axes.map((group, at) => (at === axis ? [before.length] : group.map(place))),
  }
}

/** One number for a border that is the same on all sides, [height, width] where it is the same on opposite ones. */
function short(borders: readonly Border[]): unknown {
  const lengths = borders.flatMap(([before, after]) => (before === after ? [before] : []))
  if (lengths.length < borders.length) return borders
  return lengths.every((length) => length === lengths[0]) ? lengths[0] : lengths
}

/** The tensor repeated along axes of length 1: as many copies of a row of features as there are steps. */
export function expand(operation: AppliedNode): View {
  const x = operation.view()
  const shape = shapeOf(x)
  const wanted = broadcastShapes(shape, listOf(operation.requireKnown(1)))
  if (wanted === undefined) throw new Refusal('shapes that do not fit')
  const view = inShape(x, [...wanted.slice(shape.length).map(() => 1), ...shape])
  if (sameShape(wanted, shapeOf(view))) return view
  const [repeated, ...others] = wanted.flatMap((length, axis) =>
    shapeOf(view)[axis] === length ? [] : [axis],
  )
  if (repeated === undefined || others.length > 0) throw new Refusal('copies along several axes')
  const n = wanted[repeated] ?? 1
  const features = view.axes.flat().filter((axis) => axis !== BATCH)
  const layer = layerOf('repeat_vector', [arranged(view, [[BATCH], features])], { options: { n } })
  const place = (axis: number): number => (axis === BATCH ? BATCH : 2 + features.indexOf(axis))
  return {
    layer,
    lengths: [view.lengths[BATCH] ?? 1, n, ...features.map((axis) => view.lengths[axis] ?? 1)],
    axes: view.axes.map((group, axis) => (axis === repeated ? [1] : group.map(place))),
  }
}
