import { figureNames } from '../../compiler/figure-names.ts'
import { outputTasks } from '../../compiler/task.ts'
import { callbacks } from '../../components/callbacks/index.ts'
import type { ConfigPath, Problem } from '../../diagnostic.ts'
import { nearest } from '../../nearest.ts'
import type { DataSpec } from '../../spec/data.ts'
import type { Parts } from '../../spec/load.ts'
import type { Graph } from '../graph.ts'
import { targetsOf } from './targets.ts'

/** Callbacks and the checkpoint follow figures that training computes. */
export function monitorProblems(graph: Graph, { compile, fit, checkpoint, data }: Parts): Problem[] {
  const { loss, metrics, weighted_metrics, optimizer } = compile
  const follow: { who: string; monitor: string; path: ConfigPath }[] = []
  for (const [i, config] of (fit.callbacks ?? []).entries()) {
    const path = ['fit', 'callbacks', i, 'monitor']
    follow.push({ who: config.type, monitor: callbacks.of(config).monitor(config), path })
  }
  if (checkpoint && (checkpoint.save === 'best' || checkpoint.best > 0)) {
    const who = checkpoint.save === 'best' ? 'save: best' : 'checkpoint.best'
    follow.push({ who, monitor: checkpoint.monitor, path: ['checkpoint', 'monitor'] })
  }
  const scheduled = typeof optimizer?.['learning_rate'] === 'object'
  const conflicts = (fit.callbacks ?? []).flatMap((config, i): Problem[] =>
    scheduled && config.type === 'reduce_lr_on_plateau' ? [scheduledRate(['fit', 'callbacks', i])] : [],
  )
  if (!loss || !metrics || !weighted_metrics || targetsOf(graph, loss).length < graph.outputs.length) {
    return conflicts
  }
  const tasks = outputTasks(graph, { loss, metrics, weighted_metrics })
  const validated = data === undefined || hasValidation(data)
  const names = figureNames(tasks, validated)
  return [
    ...conflicts,
    ...follow.flatMap(({ who, monitor, path }): Problem[] => {
      if (names.includes(monitor)) return []
      const unvalidated = !validated && monitor.startsWith('val_') && names.includes(monitor.slice(4))
      return [
        unvalidated
          ? {
              severity: 'error',
              code: 'no-validation',
              path,
              message: `${who} follows ${monitor}, but no rows are set aside for validation`,
              hint: `set data.split.validation, as in \`split: {validation: 0.2}\`, or follow ${monitor.slice(4)}`,
            }
          : {
              severity: 'error',
              code: 'monitor',
              path,
              message: `${who} follows ${monitor}, which is not computed`,
              hint: figureHint(monitor, names),
            },
      ]
    }),
  ]
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

function scheduledRate(path: ConfigPath): Problem {
  return {
    severity: 'error',
    code: 'scheduled-rate',
    path,
    message: 'reduce_lr_on_plateau changes the learning rate, but a schedule sets it at every step',
    hint: 'give the optimizer a number as its learning_rate, or remove the callback',
  }
}

/** Whether a config sets rows aside for validation. */
export function hasValidation(data: DataSpec): boolean {
  const { split } = data
  return split.validation > 0 || split.fold !== undefined || ('column' in split && split.column !== undefined)
}
