import * as z from 'zod'

import { Builder } from '../../../src/ir/builder.ts'
import { buildForward } from '../../../src/step/forward.ts'
import type { Program } from '../../../src/ir/ir.ts'
import { layers } from '../../../src/components/layers/index.ts'
import { buildGraph } from '../../../src/model/build.ts'
import type { Graph } from '../../../src/model/graph.ts'
import { defaultsSchema, readGolden, tensorSchema } from '../../golden/golden.ts'

const caseSchema = z.object({
  name: z.string(),
  layers: z.array(z.unknown()),
  x: tensorSchema,
  y: tensorSchema,
  dy: tensorSchema,
  dx: tensorSchema,
  weights: z.array(
    tensorSchema.extend({
      name: z.string(),
      gradient: z.array(z.number()).nullable(),
      after: z.array(z.number()).optional(),
    }),
  ),
})
export type Case = z.output<typeof caseSchema>

/** Keras's values and gradients: dx, and each weight's gradient, are those of the sum of y * dy. */
export const golden = readGolden(
  'recurrent',
  z.object({
    defaults: defaultsSchema,
    lstm_bias: z.array(z.number()),
    cases: z.array(caseSchema),
    trained: z.array(caseSchema),
    dropped: z.array(
      z.object({
        layer: z.object({ type: z.string() }).loose(),
        x: tensorSchema,
        y: tensorSchema,
        uniforms: z.array(tensorSchema),
        weights: z.array(tensorSchema),
      }),
    ),
  }),
)

export function graphOf(configs: readonly unknown[], input: readonly number[]): Graph {
  const { graph, problems } = buildGraph({
    input: [...input],
    layers: configs.map((config) => layers.ref().parse(config)),
  })
  if (graph === undefined) throw new Error(problems.map(({ message }) => message).join('; '))
  return graph
}

export function caseGraph({ layers: configs, x }: Case): Graph {
  return graphOf(configs, x.shape.slice(1))
}

/** Appends a graph of one input and one output: from x and the parameters, by their ids, to y. */
export function appendTo(b: Builder, graph: Graph, batch: number, training = false) {
  const [input] = graph.inputs
  const [output = ''] = graph.outputs
  const x = b.input('x', [batch, ...(input?.shape ?? [])])
  const parameters = new Map(
    graph.nodes.flatMap((node) => node.parameters).map(({ id, shape }) => [id, b.input(id, shape)]),
  )
  const counter = b.input('counter', [], 'i32')
  const inputs = new Map([[input?.name ?? '', x]])
  const { outputs, assigned, penalties } = buildForward(b, graph, { inputs, parameters, training, counter })
  const y = outputs.get(output)
  if (y === undefined) throw new Error('the graph has no output')
  return { values: new Map([['x', x], ...parameters]), y, assigned, penalties }
}

/** A program of what `appendTo` appends, with what training assigns and adds to the loss. */
export function programOf(graph: Graph, batch: number, training = false): Program {
  const b = new Builder()
  const { y, assigned, penalties } = appendTo(b, graph, batch, training)
  return b.program([
    ['y', y],
    ...assigned,
    ...penalties.map((penalty, i) => [`penalty ${i}`, penalty] as const),
  ])
}

/** The inputs of a case's program: Keras's weights under our names. */
export function inputsOf(example: Case): Map<string, number[]> {
  const parameters = caseGraph(example).nodes.flatMap((node) => node.parameters)
  return new Map([
    ['x', example.x.data],
    ['counter', [0]],
    ...parameters.map(({ id }, i) => [id, example.weights[i]?.data ?? []] as const),
  ])
}
