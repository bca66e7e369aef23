import { resolveAccuracy } from '../../components/metrics/accuracy.ts'
import { metrics } from '../../components/metrics/index.ts'
import type { ConfigPath, Problem } from '../../diagnostic.ts'
import type { ComponentConfig } from '../../registry.ts'
import type { CompileSpec } from '../../spec/compile.ts'
import { lastActivation } from './last-layer.ts'
import { shapeProblems } from './predictions.ts'
import { isMulticlass } from './targets.ts'
import type { OutputTarget } from './targets.ts'

type Written = { readonly config: ComponentConfig; readonly path: ConfigPath }

/** Metrics against the loss and the shape of their output. */
export function metricProblems(target: OutputTarget, compile: Partial<CompileSpec>): Problem[] {
  const written = [
    ...metricsOf(target.output, compile.metrics, 'metrics'),
    ...metricsOf(target.output, compile.weighted_metrics, 'weighted_metrics'),
  ]
  const seen = new Set<string>()
  return written.flatMap(({ config, path }): Problem[] => {
    const again = seen.has(config.type)
    seen.add(config.type)
    if (again) {
      const message = `two metrics are both logged as ${config.type}`
      return [{ severity: 'error', code: 'duplicate-metric', path, message, hint: 'leave one of them out' }]
    }
    const meant = resolveAccuracy(config, target.component.target, target.units)
    const against = againstLoss(target, config.type, meant.type)
    if (against) return [{ severity: 'error', code: 'metric-loss', path, ...against }]
    return shapeProblems(path, () => metrics.of(meant).checkPrediction?.(meant, target.shape))
  })
}

function metricsOf(output: string, chosen: CompileSpec['metrics'] | undefined, key: string): Written[] {
  if (chosen === undefined) return []
  const path = Array.isArray(chosen) ? ['compile', key] : ['compile', key, output]
  const list: readonly ComponentConfig[] = Array.isArray(chosen) ? chosen : (chosen[output] ?? [])
  return list.map((config, i) => ({ config, path: [...path, i] }))
}

/** What a metric counts: one class of several, a yes or no a unit, or nothing of the kind. */
function counts(type: string): 'class' | 'yes' | 'value' {
  if (/^(sparse_)?(top_k_)?categorical_|^categorical_|^sparse_/.test(type)) return 'class'
  return /^binary_|^precision|^recall|^auc$|^f1_score$|hinge$/.test(type) ? 'yes' : 'value'
}

function againstLoss(
  target: OutputTarget,
  written: string,
  meant: string,
): { message: string; hint: string } | undefined {
  const { loss, component, units } = target
  const counted = counts(meant)
  const ends = lastActivation(target)?.type
  if (component.kind === 'numbers' && counted !== 'value' && !(ends && yesOrNo.test(ends))) {
    return {
      message: `${written} counts classes, but ${loss.type} trains on numbers`,
      hint: 'use a metric of numbers such as mean_absolute_error or r2_score',
    }
  }
  if (counted === 'class' && units === 1) {
    return {
      message: `${written} compares one unit a class, but the output "${target.output}" has 1 unit`,
      hint: 'use accuracy or binary_accuracy',
    }
  }
  if (isMulticlass(target) && /^binary_|^hinge$|^squared_hinge$/.test(meant)) {
    return {
      message: `${written} takes each of the ${units} units for a yes or no, but ${loss.type} chooses one class`,
      hint: meant === 'binary_accuracy' ? 'use accuracy' : `use ${loss.type}`,
    }
  }
  return undefined
}

const yesOrNo = /sigmoid$|^softmax$|^sparsemax$|^(hard_)?tanh$/
