import type { LossComponent } from '../losses/loss.ts'
import type { MetricComponent } from './metric.ts'
import { ratio, weightedSums } from './ratio.ts'

/** The metric that is the mean of a loss over all rows. */
export function metricOfLoss(loss: LossComponent): MetricComponent {
  return {
    type: loss.type,
    // Some of them have a class, all of them are the mean of a loss.
    keras: null,
    ...(loss.aliases && { aliases: loss.aliases }),
    summary: loss.summary,
    target: loss.target,
    counts: loss.kind === 'numbers' ? 'value' : loss.target === 'values' ? 'yes' : 'class',
    ...(loss.compares === 'differences' && { compares: loss.compares }),
    ...(loss.divides && { divides: loss.divides }),
    better: 'lower',
    options: loss.options,
    ...(loss.checkPrediction && { checkPrediction: loss.checkPrediction }),
    size: () => 2,
    update: (b, { weights, ...compared }, config) => weightedSums(b, loss.call(b, compared, config), weights),
    result: ratio,
  }
}
