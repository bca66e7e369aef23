import * as z from 'zod'

import type { Shape, Value } from '../../ir/ir.ts'
import type { Configured } from '../../registry.ts'
import { ShapeError } from '../shape-error.ts'
import { defineMetric } from './metric.ts'
import { ratio, weightedSums } from './ratio.ts'
import { asRows } from './rows.ts'
import { topK } from './top_k.ts'

function callOptions() {
  return {
    thresholds: z
      .number()
      .min(0)
      .max(1)
      .nullable()
      .default(null)
      .describe('Predictions above it are positive; default: 0.5, or none with top_k'),
    top_k: z
      .int()
      .positive()
      .nullable()
      .default(null)
      .describe('Count only the k largest predictions of a row as positive'),
    class_id: z
      .int()
      .min(0)
      .nullable()
      .default(null)
      .describe('The only unit to count; default: all of them'),
  }
}
type CallConfig = Configured<ReturnType<typeof callOptions>>

/** Refuses units that the output does not have. */
function checkCalls({ top_k, class_id }: CallConfig, prediction: Shape): void {
  const units = prediction.at(-1) ?? 1
  if (class_id !== null && class_id >= units) {
    throw new ShapeError(`there is no class ${class_id}: the output has ${units} units`, {
      option: 'class_id',
      hint: 'classes are counted from 0',
    })
  }
  if (top_k !== null && top_k > units) {
    throw new ShapeError(`there are no ${top_k} largest predictions: the output has ${units} units`, {
      option: 'top_k',
    })
  }
}

/** The yeses of the target and those of the prediction, 0 or 1 [r, n]. */
type Calls = { readonly is: Value; readonly called: Value }

/** Defines the share of some yeses among others. */
export function defineCallMetric(
  type: string,
  summary: string,
  choose: (calls: Calls) => { readonly share: Value; readonly among: Value },
) {
  return defineMetric({
    type,
    summary,
    target: 'values',
    counts: 'positive',
    better: 'higher',
    options: callOptions,
    checkPrediction: checkCalls,
    size: () => 2,
    update(b, scored, { thresholds, top_k, class_id }) {
      const { target, prediction, weights } = asRows(b, scored)
      const above = b.greater(prediction, thresholds ?? (top_k === null ? 0.5 : -Infinity))
      const called = top_k === null ? above : b.mul(above, topK(b, prediction, top_k))
      const only = (x: Value): Value => (class_id === null ? x : b.sliceAxis(x, -1, class_id, 1))
      const { share, among } = choose({ is: only(b.sub(1, b.equal(target, 0))), called: only(called) })
      return weightedSums(b, share, b.mul(among, weights))
    },
    result: ratio,
  })
}
