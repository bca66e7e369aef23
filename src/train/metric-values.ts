import type { Task } from '../step/task.ts'
import { metrics } from '../components/metrics/index.ts'
import type { MetricValues } from '../components/metrics/metric.ts'
import type { MetricSums } from '../engine/engine.ts'

/** The metric values of a split from its sums. */
export function metricValuesOf(task: Pick<Task, 'outputs'>, sums: MetricSums): MetricValues {
  const several = task.outputs.length > 1
  return Object.fromEntries([
    ['loss', sums.loss / sums.rows],
    ...(several
      ? task.outputs.map(({ name }): [string, number] => [
          `${name}_loss`,
          (sums.losses.get(name) ?? NaN) / sums.rows,
        ])
      : []),
    ...task.outputs.flatMap((output) =>
      output.metrics.map(({ label, config }): [string, number] => [
        label,
        metrics.of(config).result(sums.metrics.get(label) ?? [], config),
      ]),
    ),
  ])
}
