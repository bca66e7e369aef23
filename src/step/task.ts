import { losses } from '../components/losses/index.ts'
import { resolveAccuracy } from '../components/metrics/accuracy.ts'
import type { Shape } from '../ir/ir.ts'
import { shapeOf } from '../model/graph.ts'
import type { Graph } from '../model/graph.ts'
import type { ComponentConfig } from '../registry.ts'
import { positiveIndex } from '../runtime/preprocessing.ts'
import type { OutputState } from '../runtime/preprocessing.ts'
import type { FittedScaling } from '../runtime/scaling.ts'
import type { CompileSpec } from '../spec/schema/compile.ts'
import type { FitSpec } from '../spec/schema/fit.ts'
import { classWeightsOf, lossOf, metricLabels, metricsOf } from '../spec/schema/per-output.ts'
import type { TargetKind } from './targets.ts'

/** An output of the model with all that is computed from it. */
export type OutputTask = {
  readonly name: string
  readonly kind: TargetKind
  /** Shape of the predictions of a row. */
  readonly shape: Shape
  /** Shape of the weights of a row: its steps, where each has its own; default: a single one. */
  readonly weights?: Shape | undefined
  /** The index of the class whose probability or margin a single unit yields; default: 1. */
  readonly positive?: number | undefined
  /** The scalings of the target, one for each number, which metrics undo; none by default. */
  readonly scalings?: readonly FittedScaling[] | undefined
  /** The target of a training row, unscaled, which tells metrics of numbers where targets lie. */
  readonly sample?: readonly number[] | undefined
  readonly loss: ComponentConfig
  /** Factor of the loss in the total. */
  readonly lossWeight: number
  readonly metrics: readonly MetricTask[]
}

export type MetricTask = {
  /** As it is logged, without the prefix of a split. */
  readonly label: string
  readonly config: ComponentConfig
  /** True where class and sample weights weigh it. */
  readonly weighted: boolean
}

/** Layers that were frozen and are trained by now, with the updates that had been done when that began. */
export type Unfrozen = ReadonlyMap<string, number>

/** A model with its losses, metrics and optimizer: all that an engine needs to execute it. */
export type Task = {
  readonly graph: Graph
  readonly outputs: readonly OutputTask[]
  readonly optimizer: ComponentConfig
  readonly seed: number
  /** Augmentations of the images among the inputs, in training. */
  readonly augment?: readonly ComponentConfig[]
  /** Parts of a batch whose losses and gradients are computed alone and then added; default: 1. */
  readonly parts?: number
  /** Frozen layers that are trained from some epoch on. */
  readonly unfreezes?: ReadonlySet<string>
  /** Those that are trained by now. */
  readonly unfrozen?: Unfrozen
}

/**
 * The losses and metrics of each output of the model; `fitted` tells how its targets were encoded, and class weights weigh
 * the steps of targets that have some.
 */
export function outputTasks(
  graph: Graph,
  compile: Omit<CompileSpec, 'optimizer'>,
  fitted: readonly OutputState[] = [],
  classWeight: FitSpec['class_weight'] = undefined,
): OutputTask[] {
  return graph.outputs.map((name) => {
    const loss = lossOf(compile, name)
    const shape = shapeOf(graph, name)
    const units = shape.at(-1) ?? 1
    const state = fitted.find((one) => one.name === name)
    const plain = metricsOf(compile.metrics, name)
    const weighted = metricsOf(compile.weighted_metrics, name)
    const all = [...plain, ...weighted]
    const labels = metricLabels(all, graph.outputs.length > 1 ? name : undefined)
    const byClass = state?.kind === 'classes' && classWeight && classWeightsOf(classWeight, name)
    const weights = state?.weights ?? (byClass && shape.length > 1 ? shape.slice(0, -1) : undefined)
    return {
      name,
      // Yes-or-no losses over several units compare several labels a row, which are numbers.
      kind:
        state?.kind ?? (losses.of(loss).target === 'values' && units > 1 ? 'numbers' : losses.of(loss).kind),
      shape,
      ...(weights && { weights }),
      ...(state?.kind === 'classes' && { positive: positiveIndex(state) }),
      // Numbers of an input are compared as the model sees them.
      ...(state?.kind === 'numbers' &&
        state.same_as === undefined && { scalings: state.scalings, sample: state.sample }),
      loss,
      lossWeight: compile.loss_weights?.[name] ?? 1,
      metrics: all.map((config, i) => ({
        label: labels[i] ?? config.type,
        config: resolveAccuracy(config, losses.of(loss).target, units),
        weighted: i >= plain.length,
      })),
    }
  })
}
