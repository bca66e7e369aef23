import type { Task } from '../step/task.ts'
import { metrics } from '../components/metrics/index.ts'
import type { Totals } from '../engine/engine.ts'

/** Logged figures by name: `loss`, then for several outputs `OUTPUT_loss`, then the metrics. */
export type Figures = Readonly<Record<string, number>>

/** The figures of a split from its sums. */
export function figuresOf(task: Task, totals: Totals): Figures {
  const mean = (key: string): number => (totals.losses.get(key) ?? NaN) / totals.rows
  const several = task.outputs.length > 1
  return Object.fromEntries([
    ['loss', mean('loss')],
    ...(several
      ? task.outputs.map(({ name }): [string, number] => [`${name}_loss`, mean(`loss:${name}`)])
      : []),
    ...task.outputs.flatMap((output) =>
      output.metrics.map(({ label, config }): [string, number] => [
        label,
        metrics.of(config).result(totals.metrics.get(label) ?? [], config),
      ]),
    ),
  ])
}
