import * as z from 'zod'

import { losses } from '../../components/losses/index.ts'
import { metrics } from '../../components/metrics/index.ts'
import { optimizers } from '../../components/optimizers/index.ts'
import { once } from '../../once.ts'

function metricList(what: string) {
  const list = z.array(metrics.ref())
  return z
    .union([list, z.record(z.string(), list)])
    .prefault([])
    .describe(`${what}; for several outputs a map from output to its list`)
}

/** The section `compile:`. */
export const compileSection = once(() =>
  z
    .strictObject({
      loss: z
        .union([losses.ref(), z.record(z.string(), losses.ref())])
        .describe('Function that training minimizes; for several outputs a map from output to its loss'),
      loss_weights: z
        .record(z.string(), z.number().min(0))
        .optional()
        .describe('For several outputs: the factor of each loss in the total; default 1'),
      optimizer: optimizers.ref().prefault('rmsprop').describe('Optimizer that updates the weights'),
      metrics: metricList('Metrics to log beside the loss'),
      weighted_metrics: metricList(
        'Metrics to log, weighted like the loss: in training by class and sample weights, elsewhere by sample weights',
      ),
    })
    .describe('The loss, the optimizer and the metrics'),
)
export type CompileSpec = z.output<ReturnType<typeof compileSection>>
