import { accuracy, resolveAccuracy } from '../../components/metrics/accuracy.ts'
import { metrics } from '../../components/metrics/index.ts'
import { errorAt } from '../../diagnostic.ts'
import type { ConfigPath, Problem } from '../../diagnostic.ts'
import type { ComponentConfig } from '../../registry.ts'
import type { CompileDraft, ComponentDraft, MetricDrafts, PerOutput } from '../../spec/check/draft.ts'
import { lastActivation } from './last-layer.ts'
import { shapeProblems } from './predictions.ts'
import { isMulticlass } from './targets.ts'
import type { OutputTarget } from './targets.ts'

type WrittenMetric = ComponentDraft & { readonly path: ConfigPath }

/** Metrics against the loss and the shape of their output. */
export function metricProblems(target: OutputTarget, compile: CompileDraft): Problem[] {
  const written = [
    ...metricsIn(target.output, compile.metrics, 'metrics'),
    ...metricsIn(target.output, compile.weighted_metrics, 'weighted_metrics'),
  ]
  const seen = new Set<string>()
  return written.flatMap(({ config, doubts, path }): Problem[] => {
    const same = JSON.stringify([path.slice(0, -1), config])
    const again = seen.has(same) && doubts.size === 0
    seen.add(same)
    if (again) {
      const message = `the metric ${config.type} is listed twice`
      return [errorAt('duplicate-metric', path, message, 'remove it here')]
    }
    const meant = meantBy(config, target)
    if (meant === undefined) return []
    const against = againstLoss(target, config.type, meant.type)
    if (against) return [errorAt('metric-loss', path, ...against)]
    const { shape } = target
    if (shape === undefined || doubts.size > 0) return []
    return shapeProblems(path, () => metrics.of(meant).checkPrediction?.(meant, shape))
  })
}

/** The metric that a config means; undefined where the number of units decides that, and is not known. */
function meantBy(config: ComponentConfig, { component, units }: OutputTarget): ComponentConfig | undefined {
  if (units !== undefined) return resolveAccuracy(config, component.target, units)
  return config.type === accuracy.type ? undefined : config
}

function metricsIn(
  output: string,
  chosen: PerOutput<MetricDrafts> | undefined,
  key: string,
): WrittenMetric[] {
  if (chosen === undefined) return []
  const path = 'every' in chosen ? ['compile', key] : ['compile', key, output]
  return metricsFor(output, chosen).flatMap((metric, i) =>
    metric ? [{ ...metric, path: [...path, i] }] : [],
  )
}

/** The metrics of one output. */
export function metricsFor(output: string, chosen: PerOutput<MetricDrafts>): MetricDrafts {
  return 'every' in chosen ? chosen.every : (chosen.each.get(output) ?? [])
}

function againstLoss(
  target: OutputTarget,
  written: string,
  meant: string,
): [message: string, hint: string] | undefined {
  const { loss, component, units } = target
  const { counts: counted } = metrics.of({ type: meant })
  const ends = lastActivation(target)?.type
  if (component.kind === 'numbers' && counted !== 'value' && !(ends && yesOrNo.test(ends))) {
    return [
      `${written} counts classes, but ${loss.type} trains on numbers`,
      'use a metric of numbers such as mean_absolute_error or r2_score',
    ]
  }
  if (counted === 'class' && units === 1) {
    return [
      `${written} needs one unit per class, but the output "${target.output}" has 1 unit`,
      'use accuracy or binary_accuracy',
    ]
  }
  if (isMulticlass(target) && units !== undefined && /^binary_|^hinge$|^squared_hinge$/.test(meant)) {
    return [
      `${written} treats each of the ${units} units as a yes or no, but ${loss.type} chooses one class`,
      meant === 'binary_accuracy' ? 'use accuracy' : `use ${loss.type}`,
    ]
  }
  return undefined
}

const yesOrNo = /sigmoid$|^softmax$|^sparsemax$|^(hard_)?tanh$/
