// Layers of several inputs. Their tensors are brought to one order of axes: that of the largest as it is.
import { broadcastShapes, sizeOf } from '../../../../ir/ir.ts'
import type { Shape } from '../../../../ir/ir.ts'
import { axisOf } from '../evaluate.ts'
import { layerOf } from '../layer.ts'
import type { LayerParts } from '../layer.ts'
import { Refusal } from '../refusal.ts'
import type { AppliedNode, Translate } from '../translation.ts'
import { arranged, BATCH, regrouped, shapeOf } from '../view.ts'
import type { AxisGroup, View } from '../view.ts'

/** A layer that combines tensors element by element. */
export function merge(type: string): Translate {
  return (operation) =>
    combined(
      type,
      operation.node.inputs.map((_, at) => operation.view(at)),
    )
}

export function combined(type: string, given: readonly View[]): View {
  const shape = given
    .map(shapeOf)
    .reduce<Shape | undefined>((whole, one) => whole && broadcastShapes(whole, one), [])
  if (shape === undefined) throw new Refusal('shapes that do not fit')
  const views = given.map((view) => {
    const own = shapeOf(view)
    return regrouped(view, [...shape.slice(own.length).map(() => 1), ...own]) ?? view
  })
  return aligned(type, views, undefined)
}

export function concat(operation: AppliedNode): View {
  const views = operation.node.inputs.map((_, at) => operation.view(at))
  const rank = views[0]?.axes.length ?? 0
  return aligned('concatenate', views, axisOf(operation.node.integer('axis', 0), rank))
}

/** An axis of tensors, or a part of it. */
type AxisPlace = { readonly axis: number; readonly part: number | undefined }

/** A layer of tensors of as many axes; `joined` is the one along which their lengths are added up. */
function aligned(type: string, given: readonly View[], joined: number | undefined): View {
  const views = given.every((view) => isSplitAlike(view, given)) ? given : given.map(whole)
  const largest = views.reduce((most, view) => (sizeOf(shapeOf(view)) > sizeOf(shapeOf(most)) ? view : most))
  // Each axis of the tensors with its parts, in the order in which the largest has them.
  const places = largest.axes.flatMap((group, axis): AxisPlace[] => {
    const isWhole = axis === joined || views.some((view) => view.axes[axis]?.length !== group.length)
    return isWhole ? [{ axis, part: undefined }] : group.map((_, part) => ({ axis, part }))
  })
  const groupOf = (view: View, { axis, part }: AxisPlace): AxisGroup => {
    const group = view.axes[axis] ?? []
    return part === undefined ? group : group.slice(part, part + 1)
  }
  const firstOf = (place: AxisPlace): number => Math.min(...groupOf(largest, place), Infinity)
  const order = places
    .filter((place) => place.axis === joined || views.some((view) => groupOf(view, place).length > 0))
    .sort((a, b) => firstOf(a) - firstOf(b))
  const inputs = views.map((view) =>
    arranged(
      view,
      order.map((place) => groupOf(view, place)),
    ),
  )
  const at = order.findIndex(({ axis }) => axis === joined)
  const parts: LayerParts = joined === undefined || at === order.length - 1 ? {} : { options: { axis: at } }
  if (joined !== undefined && at === BATCH) throw new Refusal('rows of the batch are joined')
  const layer = inputs.length === 1 ? inputs[0] : layerOf(type, inputs, parts)
  if (layer === undefined) throw new Refusal('it takes nothing')
  return {
    layer,
    lengths: [largest.lengths[BATCH] ?? 1, ...layer.shape],
    axes: largest.axes.map((_, axis) => order.flatMap((place, i) => (place.axis === axis ? [i] : []))),
  }
}

/** True where the axes of a tensor have the parts that those of all others have, or none. */
function isSplitAlike(view: View, others: readonly View[]): boolean {
  return others.every((other) =>
    view.axes.every((group, axis) => {
      const theirs = other.axes[axis] ?? []
      const same = group.every((one, i) => view.lengths[one] === other.lengths[theirs[i] ?? NaN])
      return (
        group.length === 0 ||
        theirs.length === 0 ||
        group.length === 1 ||
        (group.length === theirs.length && same)
      )
    }),
  )
}

/** The same tensor with its batch alone and each other axis in one piece. */
function whole(view: View): View {
  const [batch = [], ...rest] = view.axes
  const layer = arranged(view, [batch, ...rest])
  return { layer, lengths: shapeOf(view), axes: view.axes.map((_, axis) => [axis]) }
}
