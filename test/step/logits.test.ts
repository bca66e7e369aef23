import { describe, expect, it } from 'vitest'

import { losses, probabilitiesOf } from '../../src/components/losses/index.ts'
import { metrics } from '../../src/components/metrics/index.ts'
import { Builder } from '../../src/ir/builder.ts'
import { interpret } from '../../src/ir/interpreter/interpreter.ts'
import { buildGraph } from '../../src/model/build.ts'
import type { ComponentConfig } from '../../src/registry.ts'
import { decode } from '../../src/runtime/predictions.ts'
import { compileSection } from '../../src/spec/schema/compile.ts'
import { modelSection } from '../../src/spec/schema/model.ts'
import { buildStep } from '../../src/step/step.ts'
import { targetFor } from '../../src/step/targets.ts'
import { outputTasks } from '../../src/step/task.ts'
import type { OutputTask } from '../../src/step/task.ts'
import { expectClose } from '../golden/golden.ts'
import { interpretStep } from './interpret-step.ts'

/** Logits between 0 and 0.5 among them, which are a yes though the numbers themselves are below one half. */
const LOGITS = [0.3, -1.2, 2.1, 0.1, 0.45, -0.2, -3, 1.7, 0.2, 0.4, -0.6, 4]
const ANSWERS = [1, 0, 1, 1, 0, 0, 0, 1, 1, 1, 0, 1]

const takingLogits = losses.members.filter((loss) => 'from_logits' in loss.options())
const cases = takingLogits.flatMap((loss) =>
  (loss.target === 'values' ? [1, 3] : [3]).map(
    (units) => [`${loss.type} of ${units} units`, loss, units] as const,
  ),
)

/** Every metric, with options that give it something to distinguish. */
const written = metrics.members.map(({ type }) => ({
  type,
  ...(type === 'f1_score' && { threshold: 0.5 }),
  ...(type.includes('top_k') && { k: 2 }),
}))

type Scored = { readonly output: OutputTask; readonly target: readonly number[]; readonly units: number }

/** The outputs and the metrics of a model that yields the logits as they are. */
function score(loss: ComponentConfig, units: number, wanted: readonly object[]) {
  const layers = [{ type: 'activation', activation: 'linear' }]
  const { graph } = buildGraph(modelSection().parse({ input: [units], layers }))
  if (graph === undefined) throw new Error('the model is wrong')
  const { optimizer, ...compile } = compileSection().parse({ loss, metrics: wanted })
  const [output] = outputTasks(graph, compile)
  if (output === undefined) throw new Error('the model has no output')
  const rows = LOGITS.length / units
  const target =
    output.kind === 'numbers'
      ? ANSWERS
      : Array.from({ length: rows }, (_, i) => (units === 1 ? (ANSWERS[i] ?? 0) : (i * 2) % units))
  const step = buildStep({ graph, outputs: [output], optimizer, seed: 0 }, rows, 'evaluate')
  const found = interpretStep(step, {
    parameters: new Map(),
    inputs: new Map([['input', LOGITS]]),
    counter: [0],
    targets: new Map([[output.name, target]]),
    rowWeights: new Map([[output.name, Array.from({ length: rows }, () => 1)]]),
  })
  return { output, target, units, found: (label: string) => Array.from(found.metrics.get(label) ?? []) }
}

/** The sums of a metric for given predictions. */
function sumsOf(
  config: ComponentConfig,
  predictions: readonly number[],
  { output, target, units }: Scored,
): number[] {
  const metric = metrics.of(config)
  const rows = predictions.length / units
  const b = new Builder()
  const prediction = b.input('prediction', [rows, units])
  const stored =
    output.kind === 'classes' ? b.input('target', [rows], 'i32') : b.input('target', [rows, units], 'f32')
  const compared = { target: targetFor(b, metric.target, stored, prediction), prediction }
  const sums = metric.update(b, { ...compared, weights: b.constant(1, [rows]) }, config)
  const given = new Map([
    ['prediction', predictions],
    ['target', target],
  ])
  return Array.from(interpret(b.program([['sums', sums]]), given).get('sums') ?? [])
}

/** The probabilities of logits, in float64. */
function sharesOf(units: number, target: string): number[] {
  if (target === 'values') return LOGITS.map((x) => 1 / (1 + Math.exp(-x)))
  return LOGITS.map((x, i) => {
    const start = i - (i % units)
    return Math.exp(x) / LOGITS.slice(start, start + units).reduce((sum, other) => sum + Math.exp(other), 0)
  })
}

describe.each(cases)('metrics of logits: %s', (_name, loss, units) => {
  const config = losses.ref().parse({ type: loss.type, from_logits: true })
  const probabilities = sharesOf(units, loss.target)
  const scored = score(config, units, written)

  it.each(scored.output.metrics.map((metric) => [metric.label, metric.config] as const))(
    '%s is that of the probabilities',
    (label, metric) => {
      const sums = sumsOf(metric, probabilities, scored)
      expect(sums.length).toBeGreaterThan(0)
      expectClose(scored.found(label), sums, { relative: 1e-9, absolute: 1e-12 })
    },
  )

  it('a metric that takes logits itself is given them', () => {
    for (const { type } of metrics.members.filter((metric) => 'from_logits' in metric.options())) {
      const own = score(config, units, [{ type, from_logits: true }])
      const [metric] = own.output.metrics
      if (metric === undefined) throw new Error('the output has no metric')
      expectClose(own.found(metric.label), sumsOf(metric.config, LOGITS, own), { relative: 1e-9 })
    }
  })

  it('predictions have the same probabilities', () => {
    const { name, kind } = scored.output
    const state = { name, shape: [units], columns: ['y'], probabilities: probabilitiesOf(config) }
    const decoded = decode(
      kind === 'classes'
        ? { ...state, kind, form: 'labels', classes: ['a', 'b', 'c'].slice(0, Math.max(2, units)) }
        : { ...state, kind, scalings: [] },
      Float32Array.from(LOGITS),
    )
    const shares = decoded.kind === 'classes' ? decoded.probabilities : decoded.values
    const expected =
      kind === 'classes' && units === 1 ? probabilities.flatMap((yes) => [1 - yes, yes]) : probabilities
    expectClose(shares ?? [], expected, { relative: 1e-6 })
  })
})

it('logits of yes-or-no losses become probabilities by a sigmoid, those of others by a softmax', () => {
  for (const loss of takingLogits) {
    const activation = loss.target === 'values' ? 'sigmoid' : 'softmax'
    expect(probabilitiesOf({ type: loss.type, from_logits: true })).toBe(activation)
    expect(probabilitiesOf({ type: loss.type, from_logits: false })).toBe('linear')
  }
})

it('the accuracy of logits takes those above 0 for a yes', () => {
  const scored = score(losses.ref().parse({ type: 'binary_crossentropy', from_logits: true }), 1, [
    { type: 'accuracy' },
  ])
  const right = LOGITS.filter((x, i) => x > 0 === (ANSWERS[i] === 1)).length
  expect(scored.found('accuracy')).toEqual([right, LOGITS.length])
  expect(right).not.toBe(LOGITS.filter((x, i) => x > 0.5 === (ANSWERS[i] === 1)).length)
})

it('a softmax is only computed for metrics that need it', () => {
  const program = (wanted: string) => {
    const { graph } = buildGraph(modelSection().parse({ input: [3], layers: [{ type: 'dense', units: 3 }] }))
    if (graph === undefined) throw new Error('the model is wrong')
    const loss = { type: 'sparse_categorical_crossentropy', from_logits: true }
    const { optimizer, ...compile } = compileSection().parse({ loss, metrics: [wanted] })
    return buildStep({ graph, outputs: outputTasks(graph, compile), optimizer, seed: 0 }, 4, 'evaluate')
      .program
  }
  const divisions = (wanted: string) => JSON.stringify(program(wanted)).split('"div"').length
  expect(divisions('accuracy')).toBeLessThan(divisions('f1_score'))
})
