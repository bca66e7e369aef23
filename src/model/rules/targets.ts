import { losses } from '../../components/losses/index.ts'
import type { LossComponent } from '../../components/losses/loss.ts'
import { isComponent } from '../../compiler/task.ts'
import type { Shape } from '../../compiler/ir.ts'
import type { ConfigPath } from '../../diagnostic.ts'
import type { ComponentConfig } from '../../registry.ts'
import type { CompileSpec } from '../../spec/compile.ts'
import { shapeOf } from '../graph.ts'
import type { Graph, GraphNode } from '../graph.ts'

/** An output of the model and the loss that it is compared by. */
export type OutputTarget = {
  readonly output: string
  /** Whether it is the model's only output. */
  readonly only: boolean
  /** The layer that yields it, and that layer's place in the config. */
  readonly node: GraphNode | undefined
  readonly path: ConfigPath
  /** Without the batch axis. */
  readonly shape: Shape
  readonly units: number
  readonly loss: ComponentConfig
  readonly lossPath: ConfigPath
  readonly component: LossComponent
}

/** The outputs that have a valid loss. */
export function targetsOf(graph: Graph, loss: CompileSpec['loss'] | undefined): OutputTarget[] {
  if (loss === undefined) return []
  const shared = isComponent(loss) ? loss : undefined
  return graph.outputs.flatMap((output) => {
    const own = isComponent(loss) ? loss : loss[output]
    if (own === undefined) return []
    const shape = shapeOf(graph, output)
    const node = graph.nodes.find(({ name }) => name === output)
    return {
      output,
      only: graph.outputs.length === 1,
      node,
      path: node ? ['model', 'layers', node.index] : ['model'],
      shape,
      units: shape.at(-1) ?? 1,
      loss: own,
      lossPath: shared ? ['compile', 'loss'] : ['compile', 'loss', output],
      component: losses.of(own),
    }
  })
}

/** Whether a loss chooses one of several classes. */
export function isMulticlass({ component }: OutputTarget): boolean {
  return component.kind === 'classes' && component.target !== 'values'
}
