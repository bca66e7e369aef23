import { sizeOf } from '../../../../ir/ir.ts'
import { axisOf } from '../evaluate.ts'
import { layerOf } from '../layer.ts'
import { Refusal } from '../refusal.ts'
import type { Translate } from '../translation.ts'
import { along, shapeOf } from '../view.ts'

/** Operator set in which the axis became one; before, it began the axes that were taken together. */
const ONE_AXIS = 13

export function softmax(activation: 'softmax' | 'log_softmax'): Translate {
  return (operation) => {
    const { node } = operation
    const x = operation.view()
    const axis = axisOf(node.integer('axis', node.version < ONE_AXIS ? 1 : -1), x.axes.length)
    if (node.version < ONE_AXIS && sizeOf(shapeOf(x).slice(axis + 1)) > 1) throw new Refusal('several axes')
    const made = along(x, [x.axes[axis] ?? []], (input) =>
      layerOf('activation', [input], { options: { activation } }),
    )
    return made.view(x.axes.map((group, at) => (at === axis ? (made.own[0] ?? []) : made.kept(group))))
  }
}
