import type { Shape } from '../../ir/ir.ts'
import { losses } from '../../components/losses/index.ts'
import type { LossComponent } from '../../components/losses/loss.ts'
import { isKnown } from '../../components/unknown-size.ts'
import type { ConfigPath } from '../../diagnostic.ts'
import type { ComponentConfig } from '../../registry.ts'
import type { CompileDraft } from '../../spec/check/draft.ts'
import { layerBehind } from '../graph.ts'
import type { Outline, OutlineNode } from '../graph.ts'

/** An output of the model and the loss that it is compared by. */
export type OutputTarget = {
  readonly output: string
  /** True for the model's only output. */
  readonly only: boolean
  /** The valid options of the layer that yields it, and that layer's place in the config. */
  readonly config: ComponentConfig | undefined
  readonly path: ConfigPath
  /** Without the batch axis. */
  readonly shape: Shape | undefined
  /** The size of its last axis, which a layer may tell without its input. */
  readonly units: number | undefined
  readonly loss: ComponentConfig
  /** The options of the loss whose values are not known. */
  readonly lossDoubts: ReadonlySet<string>
  readonly lossPath: ConfigPath
  readonly component: LossComponent
}

/** The outputs that have a valid loss. */
export function targetsOf({ inputs, nodes, outputs }: Outline, loss: CompileDraft['loss']): OutputTarget[] {
  if (loss === undefined || outputs === undefined) return []
  return outputs.flatMap((output) => {
    const own = 'every' in loss ? loss.every : loss.each.get(output)
    if (own === undefined) return []
    const node = layerBehind(nodes, output)
    const shape = node ? node.shape : inputs?.find(({ name }) => name === output)?.shape
    return {
      output,
      only: outputs.length === 1,
      config: node?.config,
      path: node?.path ?? ['model'],
      shape: shape && isKnown(shape) ? shape : undefined,
      units: lastOf(shape) ?? (node && ownUnits(node)),
      loss: own.config,
      lossDoubts: own.doubts,
      lossPath: 'every' in loss ? ['compile', 'loss'] : ['compile', 'loss', output],
      component: losses.of(own.config),
    }
  })
}

/** The size of the last axis, where it is known. */
function lastOf(shape: Shape | undefined): number | undefined {
  const last = shape?.at(-1) ?? 1
  return shape === undefined || !isKnown([last]) ? undefined : last
}

/** The size of the last axis that a layer itself chooses. */
function ownUnits({ config }: OutlineNode): number | undefined {
  const units =
    config?.['units'] ?? (config?.['data_format'] === 'channels_last' ? config['filters'] : undefined)
  return typeof units === 'number' ? units : undefined
}

/** Tells that a loss chooses one of several classes. */
export function isMulticlass({ component }: OutputTarget): boolean {
  return component.kind === 'classes' && component.target !== 'values'
}
