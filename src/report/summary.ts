import { sizeOf } from '../compiler/ir.ts'
import { countParameters } from '../model/build.ts'
import type { Graph } from '../model/graph.ts'
import { table } from './table.ts'

/** The document of `summary --json`. Shapes start with null, the batch. */
export function summaryData(name: string, graph: Graph) {
  const { trainable, fixed } = countParameters(graph)
  return {
    name,
    layers: [
      ...graph.inputs.map((input) => ({
        name: input.name,
        type: 'input',
        output_shape: [null, ...input.shape],
        params: 0,
        connections: new Array<string>(),
      })),
      ...graph.nodes.map((node) => ({
        name: node.name,
        type: node.config.type,
        output_shape: [null, ...node.shape],
        params: node.parameters.reduce((total, { shape }) => total + sizeOf(shape), 0),
        connections: [...node.inputs],
      })),
    ],
    totals: { params: trainable + fixed, trainable, non_trainable: fixed, bytes: 4 * (trainable + fixed) },
  }
}

/** A table of the layers like Keras's `summary()`. */
export function renderSummary(name: string, graph: Graph): string {
  const { layers, totals } = summaryData(name, graph)
  const rows = layers.map(({ name, type, output_shape, params, connections }) => [
    `${name} (${type})`,
    `(${output_shape.map((length) => length ?? 'None').join(', ')})`,
    params.toLocaleString('en'),
    connections.join(', ') || '-',
  ])
  return [
    `Model: "${name}"`,
    table(['Layer (type)', 'Output shape', 'Params', 'Connected to'], rows, [
      'left',
      'left',
      'right',
      'left',
    ]),
    ` Total params: ${totals.params.toLocaleString('en')} (${bytes(totals.bytes)})`,
    ` Trainable params: ${totals.trainable.toLocaleString('en')} (${bytes(4 * totals.trainable)})`,
    ` Non-trainable params: ${totals.non_trainable.toLocaleString('en')} (${bytes(4 * totals.non_trainable)})`,
    '',
  ].join('\n')
}

function bytes(count: number): string {
  if (count < 1024) return `${count} B`
  return count < 1024 ** 2 ? `${(count / 1024).toFixed(2)} KB` : `${(count / 1024 ** 2).toFixed(2)} MB`
}
