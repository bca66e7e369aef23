import * as z from 'zod'

import { Builder } from '../../../src/ir/builder.ts'
import { buildForward } from '../../../src/step/forward.ts'
import { differentiate } from '../../../src/ir/gradient.ts'
import type { Program } from '../../../src/ir/ir.ts'
import { layers } from '../../../src/components/layers/index.ts'
import { buildGraph } from '../../../src/model/build.ts'
import type { Graph } from '../../../src/model/graph.ts'
import { defaultsSchema, readGolden, tensorSchema } from '../../golden/golden.ts'

/** Keras's values and gradients: dx and dparameters are the gradients of the sum of y * dy. */
export const golden = readGolden(
  'layers',
  z.object({
    defaults: defaultsSchema,
    cases: z.array(
      z.object({
        type: z.string(),
        options: z.record(z.string(), z.unknown()),
        inputs: z.array(tensorSchema),
        parameters: z.record(z.string(), tensorSchema.extend({ trainable: z.boolean() })),
        y: tensorSchema,
        dy: tensorSchema,
        /** None for inputs that are whole numbers. */
        dx: z.array(tensorSchema).nullable(),
        dparameters: z.record(z.string(), tensorSchema),
        /** Statistics after a step of training. */
        assigned: z.record(z.string(), tensorSchema),
        training: z.boolean(),
        trainable: z.boolean(),
        /** Whether its output is the same in training. */
        same_in_training: z.boolean(),
        /** What plain TensorFlow.js cannot express of it. */
        lacks: z.array(z.string()),
      }),
    ),
  }),
)
export type Case = (typeof golden.cases)[number]

/** Each case with a name for the test's title. */
export const cases = golden.cases.map((example) => {
  const { type, options, training, trainable } = example
  const mode = training ? (trainable ? ', training' : ', training while frozen') : ''
  const shapes = example.inputs.map(({ shape: [, ...row] }) => `[${row.join(', ')}]`)
  return [`${type} ${JSON.stringify(options)} of ${shapes.join(' and ')}${mode}`, example] as const
})

/** A model of one layer, named `layer`, whose inputs have these shapes without the batch axis. */
export function graphOf(config: Record<string, unknown>, shapes: readonly (readonly number[])[]): Graph {
  const inputs = Object.fromEntries(shapes.map((shape, i) => [`x${i}`, [...shape]]))
  const names = Object.keys(inputs)
  const layer = layers.ref().parse({ ...config, name: 'layer', from: names })
  const { graph, problems } = buildGraph({ inputs, layers: [layer] })
  if (graph === undefined) throw new Error(problems.map(({ message }) => message).join('; '))
  return graph
}

export function caseGraph({ type, options, inputs, trainable }: Case): Graph {
  return graphOf(
    { type, ...options, trainable },
    inputs.map(({ shape: [, ...row] }) => row),
  )
}

/**
 * From the inputs x0, x1 ..., the parameters, by their names, and dy, to the output y, what training assigns, and
 * `gradient:NAME`, the gradient of the sum of y * dy, for each name asked for.
 */
export function programOf(
  graph: Graph,
  batch: number,
  { training = false, gradients = [] }: { training?: boolean; gradients?: Iterable<string> } = {},
): Program {
  const b = new Builder()
  const inputs = graph.inputs.map(({ name, shape }) => [name, b.input(name, [batch, ...shape])] as const)
  const specs = graph.nodes.flatMap((node) => node.parameters)
  const parameters = specs.map((spec) => ({ ...spec, value: b.input(spec.name, spec.shape) }))
  const { outputs, assigned } = buildForward(b, graph, {
    inputs: new Map(inputs),
    parameters: new Map(parameters.map(({ id, value }) => [id, value])),
    training,
    counter: b.input('counter', [], 'i32'),
  })
  const y = outputs.get('layer')
  if (y === undefined) throw new Error('the graph has no output')
  const values = new Map([...inputs, ...parameters.map(({ name, value }) => [name, value] as const)])
  const names = [...gradients]
  const sources = names.flatMap((name) => values.get(name) ?? [])
  const slopes = names.length === 0 ? [] : differentiate(b, b.sum(b.mul(y, b.input('dy', y.shape))), sources)
  return b.program([
    ['y', y],
    ...assigned,
    ...slopes.map((slope, i) => [`gradient:${names[i]}`, slope] as const),
  ])
}

/** What a case's program takes. */
export function inputsOf({ inputs, parameters }: Case): Map<string, number[]> {
  return new Map([
    ['counter', [0]],
    ...inputs.map(({ data }, i) => [`x${i}`, data] as const),
    ...Object.entries(parameters).map(([name, { data }]) => [name, data] as const),
  ])
}

/** The gradients of a case, by the name of what they belong to. */
export function gradientsOf({ dx, dparameters }: Case): Map<string, number[]> {
  return new Map([
    ...(dx ?? []).map(({ data }, i) => [`x${i}`, data] as const),
    ...Object.entries(dparameters).map(([name, { data }]) => [name, data] as const),
  ])
}
