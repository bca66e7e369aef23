import * as z from 'zod'

import { losses } from '../../components/losses/index.ts'
import { metrics } from '../../components/metrics/index.ts'
import { optimizers } from '../../components/optimizers/index.ts'
import type { ComponentConfig } from '../../registry.ts'
import { draftComponent, draftMap, mapOf } from '../check/draft.ts'
import type { Data } from '../document/tree.ts'

function metricList(what: string) {
  const list = z.array(metrics.ref())
  return z
    .union([list, z.record(z.string(), list)])
    .default([])
    .describe(`${what}; for several outputs a map from output to its list`)
}

/** The section `compile:`. */
export function compileSection() {
  return z
    .strictObject({
      loss: z
        .union([losses.ref(), z.record(z.string(), losses.ref())])
        .describe('What training minimises; for several outputs a map from output to its loss'),
      loss_weights: z
        .record(z.string(), z.number().min(0))
        .optional()
        .describe('For several outputs: the factor of each loss in the total; default 1'),
      optimizer: optimizers.ref().prefault('rmsprop').describe('How training changes the weights'),
      metrics: metricList('Figures to log beside the loss'),
      weighted_metrics: metricList('Figures to log, weighted like the loss by class and sample weights'),
    })
    .describe('The loss, the optimizer and the metrics')
}
export type CompileSpec = z.output<ReturnType<typeof compileSection>>

/** The section as far as it is valid. */
export type CompileDraft = {
  readonly loss?: CompileSpec['loss'] | undefined
  readonly loss_weights?: CompileSpec['loss_weights']
  readonly optimizer?: ComponentConfig | undefined
  readonly metrics?: MetricsDraft | undefined
  readonly weighted_metrics?: MetricsDraft | undefined
}

/** Metrics in their places, with nothing in the place of one whose type is not known. */
export type MetricsDraft = MetricList | Readonly<Record<string, MetricList>>
type MetricList = readonly (ComponentConfig | undefined)[]

/** What can be said of a section that may not be valid as a whole. */
export function readCompile(written: Data): CompileDraft {
  const { shape } = compileSection()
  const { doubts } = draftMap(shape, written)
  const given = (key: string): boolean => written[key] !== undefined || !doubts.has(key)
  return {
    loss: readLoss(written['loss']),
    loss_weights: shape.loss_weights.safeParse(written['loss_weights']).data,
    optimizer: given('optimizer') ? draftComponent(optimizers, written['optimizer'] ?? 'rmsprop') : undefined,
    metrics: given('metrics') ? readMetrics(written['metrics'] ?? []) : undefined,
    weighted_metrics: given('weighted_metrics') ? readMetrics(written['weighted_metrics'] ?? []) : undefined,
  }
}

function readLoss(value: unknown): CompileSpec['loss'] | undefined {
  if (typeof value === 'string' || 'type' in mapOf(value)) return draftComponent(losses, value)
  const each = Object.entries(mapOf(value)).flatMap(([output, one]) => {
    const loss = draftComponent(losses, one)
    return loss === undefined ? [] : [[output, loss] as const]
  })
  return each.length === 0 ? undefined : Object.fromEntries(each)
}

function readMetrics(value: unknown): MetricsDraft | undefined {
  const list = (items: readonly unknown[]): MetricList => items.map((item) => draftComponent(metrics, item))
  if (Array.isArray(value)) return list(value)
  const entries = Object.entries(mapOf(value))
  const lists = entries.flatMap(([output, items]) =>
    Array.isArray(items) ? [[output, list(items)] as const] : [],
  )
  return lists.length === 0 || lists.length < entries.length ? undefined : Object.fromEntries(lists)
}
