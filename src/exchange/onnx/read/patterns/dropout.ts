import { shortestFloat32 } from '../../../shortest-float32.ts'
import { layerOf } from '../layer.ts'
import { Refusal } from '../refusal.ts'
import type { AppliedNode } from '../translation.ts'
import type { View } from '../view.ts'

/** Nothing to predictions, but to training. */
export function dropout(operation: AppliedNode): View {
  const x = operation.view()
  if (operation.known(2)?.data[0]) throw new Refusal('training_mode')
  const rate = shortestFloat32(
    operation.node.has('ratio') ? operation.node.float('ratio', 0.5) : (operation.known(1)?.data[0] ?? 0.5),
  )
  return rate === 0 ? x : { ...x, layer: layerOf('dropout', [x.layer], { options: { rate } }) }
}
