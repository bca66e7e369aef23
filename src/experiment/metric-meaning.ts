import { metrics } from '../components/metrics/index.ts'
import { sourceOf } from '../components/sources/index.ts'
import { scaleName } from '../components/sources/options/features.ts'
import type { OutputState } from '../runtime/preprocessing.ts'
import type { DataSpec } from '../spec/schema/data.ts'
import type { MetricTask, OutputTask, Task } from '../step/task.ts'
import { list } from '../wording.ts'
import { fittedPositives } from './positives.ts'

/** The meaning of metric values that their names do not tell. */
export type MetricMeaning = {
  /** Keys of documents; of several outputs, each is a map from name to value. */
  readonly keys: {
    /** The positive class of an output of one unit. */
    readonly positive?: ByOutput | undefined
    /** The scale of training, which a loss is in; metrics are in the target's own unit. */
    readonly loss_scale?: ByOutput | undefined
  }
  /** The same in words, and the classes that other metrics count. */
  readonly notes: readonly string[]
}
type ByOutput = string | Readonly<Record<string, string>>

export function metricMeaning(task: Task, states: readonly OutputState[], data: DataSpec): MetricMeaning {
  const { outputs } = task
  const positive = fittedPositives(states)
  const scales = lossScales(task, data)
  const keyed = (values: ReadonlyMap<string, string>): ByOutput =>
    (outputs.length === 1 ? [...values.values()][0] : undefined) ?? Object.fromEntries(values)
  return {
    keys: {
      ...(positive.size > 0 && { positive: keyed(positive) }),
      ...(scales.size > 0 && { loss_scale: keyed(scales) }),
    },
    notes: [
      ...outputs.flatMap((output) => subjectNotes(output, states)),
      ...Array.from(scales, ([name, scale]) => {
        const loss = outputs.length > 1 ? `${name}_loss` : 'loss'
        return `${loss} is in the scale of training (${scale}), metrics are in the unit of the target`
      }),
    ],
  }
}

function lossScales({ outputs }: Task, data: DataSpec): ReadonlyMap<string, string> {
  const { targets } = sourceOf(data).selection(data)
  return new Map(
    outputs.flatMap(({ name, scalings = [] }) => {
      const scale = targets.find((target) => target.name === undefined || target.name === name)?.scale
      if (scalings.length === 0 || scale === undefined) return []
      return [[name, scaleName(scale)] as const]
    }),
  )
}

/** The classes that the metrics of an output count, one note for each choice of them. */
function subjectNotes(output: OutputTask, states: readonly OutputState[]): string[] {
  const state = states.find(({ name }) => name === output.name)
  const bySubject = new Map<string, string[]>()
  for (const { label, config } of output.metrics) {
    if (state === undefined || metrics.of(config).counts !== 'positive') continue
    const subject = subjectOf(config, output, state)
    bySubject.set(subject, [...(bySubject.get(subject) ?? []), label])
  }
  return Array.from(
    bySubject,
    ([subject, labels]) => `${list(labels)} ${labels.length === 1 ? 'is' : 'are'} ${subject}`,
  )
}

function subjectOf(config: MetricTask['config'], { shape }: OutputTask, state: OutputState): string {
  const units = shape.at(-1) ?? 1
  const names = state.kind === 'classes' ? state.classes : state.columns
  const chosen = config['class_id']
  if (typeof chosen === 'number' && units > 1) return `of ${names[chosen] ?? `the class ${chosen}`}`
  if (units > 1) return `over all ${units} ${state.kind === 'classes' ? 'classes' : 'labels'}`
  if (state.kind === 'numbers') return 'of the targets other than 0'
  return `of the positive class, ${state.positive ?? names[1] ?? '1'} (data.target.positive)`
}
