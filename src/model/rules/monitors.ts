import { callbacks } from '../../components/callbacks/index.ts'
import type { ConfigPath, Problem } from '../../diagnostic.ts'
import { nearest } from '../../nearest.ts'
import { isConfig } from '../../registry.ts'
import { ifKnown } from '../../spec/check/draft.ts'
import type { Parts } from '../../spec/load.ts'
import type { CompileDraft } from '../../spec/schema/compile.ts'
import type { DataSpec } from '../../spec/schema/data.ts'
import { metricLabels, metricsOf } from '../../spec/schema/per-output.ts'
import type { Outline } from '../graph.ts'

/** Callbacks and the checkpoint follow figures that training computes. */
export function monitorProblems(outline: Outline, parts: Parts): Problem[] {
  const { compile, fit, split } = parts
  const scheduled = isConfig(compile.optimizer?.['learning_rate'])
  const conflicts = fit.callbacks.flatMap((config, i): Problem[] =>
    scheduled && config && callbacks.of(config).setsLearningRate
      ? [scheduledRate(config.type, ['fit', 'callbacks', i])]
      : [],
  )
  const names = figuresOf(outline, compile)
  const validated = split === undefined || hasValidation(split)
  return [
    ...conflicts,
    ...followed(parts).flatMap(({ who, monitor, path }): Problem[] => {
      const figure = monitor.replace(/^val_/, '')
      const known = names === undefined || names.includes(figure)
      if (known && (validated || figure === monitor)) return []
      return known ? [unvalidated(who, monitor, path)] : [notComputed(who, monitor, path, names, validated)]
    }),
  ]
}

type Followed = { readonly who: string; readonly monitor: string; readonly path: ConfigPath }

function followed({ fit, checkpoint }: Parts): Followed[] {
  const ofCallbacks = fit.callbacks.flatMap((config, i): Followed[] => {
    const monitor = config && ifKnown(config, (options) => callbacks.of(options).monitor?.(options))
    if (monitor === undefined) return []
    return [{ who: config?.type ?? '', monitor, path: ['fit', 'callbacks', i, 'monitor'] }]
  })
  if (!checkpoint || (checkpoint.save !== 'best' && checkpoint.best === 0)) return ofCallbacks
  const who = checkpoint.save === 'best' ? 'save: best' : 'checkpoint.best'
  return [...ofCallbacks, { who, monitor: checkpoint.monitor, path: ['checkpoint', 'monitor'] }]
}

/** The figures that training logs, without the `val_` ones; undefined where a mistake hides some. */
function figuresOf({ outputs }: Outline, { metrics, weighted_metrics }: CompileDraft): string[] | undefined {
  if (!outputs || !metrics || !weighted_metrics) return undefined
  const several = outputs.length > 1
  const names = ['loss', ...(several ? outputs.map((output) => `${output}_loss`) : [])]
  for (const output of outputs) {
    const chosen = [...metricsOf(metrics, output), ...metricsOf(weighted_metrics, output)]
    const known = chosen.filter((config) => config !== undefined)
    if (known.length < chosen.length) return undefined
    names.push(...metricLabels(known, several ? output : undefined))
  }
  return names
}

function unvalidated(who: string, monitor: string, path: ConfigPath): Problem {
  return {
    severity: 'error',
    code: 'no-validation',
    path,
    message: `${who} follows ${monitor}, but no rows are set aside for validation`,
    hint: `set data.split.validation, as in \`split: {validation: 0.2}\`, or follow ${monitor.slice(4)}`,
  }
}

function notComputed(
  who: string,
  monitor: string,
  path: ConfigPath,
  figures: readonly string[],
  validated: boolean,
): Problem {
  const names = validated ? [...figures, ...figures.map((name) => `val_${name}`)] : figures
  return {
    severity: 'error',
    code: 'monitor',
    path,
    message: `${who} follows ${monitor}, which is not computed`,
    hint: figureHint(monitor, names),
  }
}

function figureHint(monitor: string, names: readonly string[]): string {
  const full = fullNames.get(monitor.replace(/^val_/, ''))
  const meant = full === undefined ? undefined : monitor.replace(/[^_]+$/, full)
  const close = meant !== undefined && names.includes(meant) ? meant : nearest(monitor, names)
  const list = `the figures are: ${names.join(', ')}`
  return close === undefined ? list : `did you mean "${close}"? ${list}`
}

/** Older names of Keras's figures. */
const fullNames: ReadonlyMap<string, string> = new Map([['acc', 'accuracy']])

function scheduledRate(who: string, path: ConfigPath): Problem {
  return {
    severity: 'error',
    code: 'scheduled-rate',
    path,
    message: `${who} changes the learning rate, but a schedule sets it at every step`,
    hint: 'give the optimizer a number as its learning_rate, or remove the callback',
  }
}

/** Whether a config sets rows aside for validation. */
export function hasValidation(split: DataSpec['split']): boolean {
  return split.validation > 0 || split.fold !== undefined || split.column !== undefined
}
