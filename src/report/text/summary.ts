import { sizeOf } from '../../ir/ir.ts'
import { slotsOf } from '../../step/update.ts'
import { countParameters } from '../../model/graph.ts'
import type { Graph } from '../../model/graph.ts'
import type { Spec } from '../../spec/schema/spec.ts'
import { bytes, count } from './format.ts'
import { table } from './table.ts'

const FLOAT_BYTES = 4

/** The document of `summary --json`. Shapes start with null, the batch; memory is in bytes. */
export function summaryData(spec: Spec, graph: Graph) {
  const { trainable, fixed } = countParameters(graph)
  const batch = spec.fit.batch_size
  const values = [...graph.inputs, ...graph.nodes].reduce((total, { shape }) => total + sizeOf(shape), 0)
  return {
    name: spec.name,
    layers: [
      ...graph.inputs.map((input) => ({
        name: input.name,
        type: 'input',
        output_shape: [null, ...input.shape],
        params: 0,
        trainable: true,
        connections: new Array<string>(),
      })),
      ...graph.nodes.map((node) => ({
        name: node.name,
        type: node.config.type,
        output_shape: [null, ...node.shape],
        params: node.parameters.reduce((total, { shape }) => total + sizeOf(shape), 0),
        trainable: node.config['trainable'] !== false,
        connections: [...node.inputs],
      })),
    ],
    outputs: [...graph.outputs],
    totals: { params: trainable + fixed, trainable, non_trainable: fixed },
    memory: {
      weights: FLOAT_BYTES * (trainable + fixed),
      optimizer: FLOAT_BYTES * trainable * slotsOf(spec.compile.optimizer).length,
      /** Outputs of the layers for one batch, kept for the backward pass. */
      activations: FLOAT_BYTES * batch * values,
      batch_size: batch,
    },
  }
}

export type ModelSummary = ReturnType<typeof summaryData>

/** A table of the layers like Keras's `summary()`, within `width` characters where possible. */
export function renderSummary({ name, layers, totals, memory }: ModelSummary, width: number): string {
  const rows = layers.map(({ name, type, output_shape, params, trainable, connections }) => [
    `${name} (${type})${trainable ? '' : ' frozen'}`,
    shapeText(output_shape),
    count(params),
    connections.join(', ') || '-',
  ])
  const total = (label: string, params: number): string =>
    `${label}: ${count(params)} (${bytes(FLOAT_BYTES * params)})`
  return [
    `Model: ${name}`,
    table(
      ['Layer (type)', 'Output shape', 'Params', 'Connected to'],
      rows,
      ['left', 'left', 'right', 'left'],
      width,
    ),
    total('Total params', totals.params),
    total('Trainable params', totals.trainable),
    total('Non-trainable params', totals.non_trainable),
    `Memory: ${bytes(memory.weights)} weights, ${bytes(memory.optimizer)} optimizer, ` +
      `${bytes(memory.activations)} activations of a batch of ${memory.batch_size}`,
    '',
  ].join('\n')
}

function shapeText(shape: readonly (number | null)[]): string {
  return `(${shape.map((length) => length ?? 'None').join(', ')})`
}
