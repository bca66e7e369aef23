import { losses } from '../components/losses/index.ts'
import { resolveAccuracy } from '../components/metrics/accuracy.ts'
import { shapeOf } from '../model/graph.ts'
import type { Graph } from '../model/graph.ts'
import type { ComponentConfig } from '../registry.ts'
import type { CompileSpec } from '../spec/schema/compile.ts'
import type { TargetKind } from './targets.ts'

/** An output of the model with all that is computed from it. */
export type OutputTask = {
  readonly name: string
  readonly kind: TargetKind
  readonly loss: ComponentConfig
  /** Factor of the loss in the total. */
  readonly lossWeight: number
  readonly metrics: readonly MetricTask[]
}

export type MetricTask = {
  /** As it is logged, without the prefix of a split. */
  readonly label: string
  readonly config: ComponentConfig
  /** Whether class and sample weights weigh it. */
  readonly weighted: boolean
}

/** What an engine executes. */
export type Task = {
  readonly graph: Graph
  readonly outputs: readonly OutputTask[]
  readonly optimizer: ComponentConfig
  readonly seed: number
  /** What training does to the images among the inputs. */
  readonly augment?: readonly ComponentConfig[]
}

/** What is computed from each output of the model. */
export function outputTasks(graph: Graph, compile: Omit<CompileSpec, 'optimizer'>): OutputTask[] {
  return graph.outputs.map((name) => {
    const loss = lossOf(compile, name)
    const units = shapeOf(graph, name).at(-1) ?? 1
    const plain = metricsOf(compile.metrics, name)
    const weighted = metricsOf(compile.weighted_metrics, name)
    const all = [...plain, ...weighted]
    const labels = metricLabels(all, graph.outputs.length > 1 ? name : undefined)
    return {
      name,
      // Yes-or-no losses over several units compare several labels a row, which are numbers.
      kind: losses.of(loss).target === 'values' && units > 1 ? 'numbers' : losses.of(loss).kind,
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

/** What a list of metrics, or a map of lists, has for an output. */
export function metricsOf<T>(
  chosen: readonly T[] | Readonly<Record<string, readonly T[]>>,
  output: string,
): readonly T[] {
  return isList(chosen) ? chosen : (chosen[output] ?? [])
}

function isList<T>(value: readonly T[] | Readonly<Record<string, readonly T[]>>): value is readonly T[] {
  return Array.isArray(value)
}

/** The names by which an output's metrics are logged: its own first, of several; the second of one type is type_1. */
export function metricLabels(
  configs: readonly { readonly type: string }[],
  output: string | undefined,
): string[] {
  const counts = new Map<string, number>()
  return configs.map(({ type }) => {
    const count = counts.get(type) ?? 0
    counts.set(type, count + 1)
    return `${output === undefined ? '' : `${output}_`}${type}${count === 0 ? '' : `_${count}`}`
  })
}

/** The loss of one output. */
export function lossOf(compile: Pick<CompileSpec, 'loss'>, output: string): ComponentConfig {
  const { loss } = compile
  if (isComponent(loss)) return loss
  const chosen = loss[output]
  if (chosen === undefined) throw new Error(`no loss is given for the output ${output}`)
  return chosen
}

/** Whether one loss is meant for every output. */
export function isComponent(loss: CompileSpec['loss']): loss is ComponentConfig {
  return typeof loss['type'] === 'string'
}
