import type { Directions } from '../../components/callbacks/improvement.ts'
import { metrics } from '../../components/metrics/index.ts'
import { ownValue } from '../../own-value.ts'
import type { ComponentConfig } from '../../registry.ts'
import type { CompileSpec } from './compile.ts'
import type { ClassWeights, FitSpec } from './fit.ts'

/** The metrics of an output, from one list for every output or from a list for each. */
export function metricsOf<T>(
  chosen: readonly T[] | Readonly<Record<string, readonly T[]>>,
  output: string,
): readonly T[] {
  return isList(chosen) ? chosen : (ownValue(chosen, output) ?? [])
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

/** The direction of every metric that a training of these outputs logs, of the validation rows too. */
export function directionsOf(
  { metrics: plain, weighted_metrics }: Pick<CompileSpec, 'metrics' | 'weighted_metrics'>,
  outputs: readonly string[],
): Directions {
  return new Map(
    outputs.flatMap((output) => {
      const chosen = [...metricsOf(plain, output), ...metricsOf(weighted_metrics, output)]
      const labels = metricLabels(chosen, outputs.length > 1 ? output : undefined)
      return labels.flatMap((label, i) => {
        const better = metrics.find(chosen[i]?.type ?? '')?.better ?? 'lower'
        return [[label, better] as const, [`val_${label}`, better] as const]
      })
    }),
  )
}

/** The loss of one output. */
export function lossOf(compile: Pick<CompileSpec, 'loss'>, output: string): ComponentConfig {
  const { loss } = compile
  if (isComponent(loss)) return loss
  const chosen = ownValue(loss, output)
  if (chosen === undefined) throw new Error(`no loss is given for the output ${output}`)
  return chosen
}

/** Tells one loss for every output from a map of losses. */
function isComponent(loss: CompileSpec['loss']): loss is ComponentConfig {
  return typeof loss['type'] === 'string'
}

/** The class weights of an output: its own, or those of the only output. */
export function classWeightsOf(
  weights: NonNullable<FitSpec['class_weight']>,
  output: string,
): ClassWeights | undefined {
  return isWeightsOfOne(weights) ? weights : ownValue(weights, output)
}

/** Tells class weights without a name of an output, which go with the only one, from a map of them by output. */
export function isWeightsOfOne(weights: NonNullable<FitSpec['class_weight']>): weights is ClassWeights {
  return weights === 'balanced' || Object.values(weights).every((weight) => typeof weight === 'number')
}
