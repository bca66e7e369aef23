import { callbacks } from '../../components/callbacks/index.ts'
import { errorAt } from '../../diagnostic.ts'
import type { ConfigPath, Problem } from '../../diagnostic.ts'
import { nearest } from '../../nearest.ts'
import { isConfig } from '../../registry.ts'
import type { CompileDraft, SpecDraft } from '../../spec/check/draft.ts'
import type { DataSpec } from '../../spec/schema/data.ts'
import { metricLabels } from '../../spec/schema/per-output.ts'
import type { Outline } from '../graph.ts'
import { metricsFor } from './metrics.ts'

/** Callbacks and the checkpoint follow metrics that training logs. */
export function monitorProblems(outline: Outline, spec: SpecDraft): Problem[] {
  const { compile, fit, split } = spec
  const scheduled = isConfig(compile.optimizer?.config['learning_rate'])
  const conflicts = fit.callbacks.flatMap((callback, i): Problem[] =>
    scheduled && callback && callbacks.of(callback.config).setsLearningRate?.(callback.config)
      ? [scheduledRate(callback.config.type, ['fit', 'callbacks', i])]
      : [],
  )
  const names = loggedMetrics(outline, compile)
  const validated = split === undefined || hasValidation(split) || spec.ownValidation !== false
  return [
    ...conflicts,
    ...followed(spec).flatMap(({ who, monitor, path }): Problem[] => {
      const metric = monitor.replace(/^val_/, '')
      const known = names === undefined || names.includes(metric)
      if (known && (validated || metric === monitor)) return []
      return known ? [unvalidated(who, monitor, path)] : [notLogged(who, monitor, path, names, validated)]
    }),
  ]
}

/** A metric that a callback or the checkpoint follows. */
export type FollowedMetric = { readonly who: string; readonly monitor: string; readonly path: ConfigPath }

export function followed({
  fit,
  checkpoint,
  sweep,
}: Pick<SpecDraft, 'fit' | 'checkpoint'> & Partial<Pick<SpecDraft, 'sweep'>>): FollowedMetric[] {
  const ofCallbacks = fit.callbacks.flatMap((callback, i): FollowedMetric[] => {
    if (callback === undefined || callback.doubts.has('monitor')) return []
    const { config } = callback
    const monitor = callbacks.of(config).monitor?.(config)
    return monitor === undefined
      ? []
      : [{ who: config.type, monitor, path: ['fit', 'callbacks', i, 'monitor'] }]
  })
  const ofSweep = sweep?.metric === undefined ? [] : [sweepMetric(sweep.metric)]
  const { save, best = 0, monitor } = checkpoint
  if (monitor === undefined || (save !== 'best' && best === 0)) return [...ofCallbacks, ...ofSweep]
  const who = save === 'best' ? 'save: best' : 'checkpoint.best'
  return [...ofCallbacks, { who, monitor, path: ['checkpoint', 'monitor'] }, ...ofSweep]
}

function sweepMetric(monitor: string): FollowedMetric {
  return { who: 'the sweep', monitor, path: ['sweep', 'metric', 'name'] }
}

/** The metrics that training logs, without those of validation; undefined where a mistake hides some. */
function loggedMetrics(
  { outputs }: Outline,
  { metrics, weighted_metrics }: CompileDraft,
): string[] | undefined {
  if (!outputs || !metrics || !weighted_metrics) return undefined
  const several = outputs.length > 1
  const names = ['loss', ...(several ? outputs.map((output) => `${output}_loss`) : [])]
  for (const output of outputs) {
    const chosen = [...metricsFor(output, metrics), ...metricsFor(output, weighted_metrics)]
    const known = chosen.filter((metric) => metric !== undefined)
    if (known.length < chosen.length) return undefined
    const configs = known.map(({ config }) => config)
    names.push(...metricLabels(configs, several ? output : undefined))
  }
  return names
}

function unvalidated(who: string, monitor: string, path: ConfigPath): Problem {
  return errorAt(
    'no-validation',
    path,
    `${who} follows ${monitor}, but no rows are set aside for validation`,
    `set data.split.validation, as in \`split: {validation: 0.2}\`, or follow ${monitor.slice(4)}`,
  )
}

function notLogged(
  who: string,
  monitor: string,
  path: ConfigPath,
  logged: readonly string[],
  validated: boolean,
): Problem {
  const names = validated ? [...logged, ...logged.map((name) => `val_${name}`)] : logged
  const message = `${who} follows ${monitor}, which training does not log`
  return errorAt('monitor', path, message, metricHint(monitor, names))
}

function metricHint(monitor: string, names: readonly string[]): string {
  const full = fullNames.get(monitor.replace(/^val_/, ''))
  const meant = full === undefined ? undefined : monitor.replace(/[^_]+$/, full)
  const close = meant !== undefined && names.includes(meant) ? meant : nearest(monitor, names)
  const list = `training logs: ${names.join(', ')}`
  return close === undefined ? list : `did you mean "${close}"? ${list}`
}

/** Older names of Keras's metrics. */
const fullNames: ReadonlyMap<string, string> = new Map([['acc', 'accuracy']])

function scheduledRate(who: string, path: ConfigPath): Problem {
  return errorAt(
    'scheduled-rate',
    path,
    `${who} changes the learning rate, but a schedule sets it at every step`,
    'give the optimizer a number as its learning_rate, or remove the callback',
  )
}

/** Tells that a split sets rows aside for validation. */
function hasValidation(split: DataSpec['split']): boolean {
  return split.validation > 0 || split.fold !== undefined || split.column !== undefined
}
