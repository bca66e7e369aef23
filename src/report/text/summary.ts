import { UNKNOWN } from '../../components/unknown-size.ts'
import { sizeOf } from '../../ir/ir.ts'
import type { Shape } from '../../ir/ir.ts'
import { slotsOf } from '../../step/update.ts'
import type { Outline } from '../../model/graph.ts'
import type { Spec } from '../../spec/schema/spec.ts'
import { bytes, count } from './format.ts'
import { table } from './table.ts'
import { lines } from './terminal-text.ts'
import type { TerminalText } from './terminal-text.ts'

const FLOAT_BYTES = 4

/** The parts of a config that a summary shows, beside the model. */
type Told = Pick<Spec, 'name'> & { readonly fit?: Spec['fit']; readonly compile?: Spec['compile'] }

/** The document of `summary --json`, with the folder of the run that a trained model is from. Shapes start with null, the batch; memory is in bytes. What only the data tells is null. */
export function summaryData(
  { inputs = [], nodes, outputs = [] }: Outline,
  { name, fit, compile }: Told,
  run?: string,
) {
  const layers = [
    ...inputs.map((input) => ({
      name: input.name,
      type: 'input',
      output_shape: shapeWithBatch(input.shape),
      params: 0,
      trainable: true,
      connections: new Array<string>(),
    })),
    ...nodes.map((node) => ({
      name: node.name,
      type: node.config?.type ?? '',
      output_shape: shapeWithBatch(node.shape),
      params: node.parameters ? knownOf(total(node.parameters)) : null,
      trainable: node.config?.['trainable'] !== false,
      connections: [...node.inputs],
    })),
  ]
  const trained = nodes.map(({ config, parameters = [{ shape: [UNKNOWN], trainable: true }] }) =>
    config?.['trainable'] === false ? [] : parameters.filter(({ trainable }) => trainable),
  )
  const trainable = total(trained.flat())
  const params = layers.reduce((sum, layer) => sum + (layer.params ?? UNKNOWN), 0)
  const values = [...inputs, ...nodes].reduce((sum, { shape = [UNKNOWN] }) => sum + sizeOf(shape), 0)
  const slots = compile && slotsOf(compile.optimizer).length
  const batch = fit?.batch_size
  return {
    ...(run !== undefined && { run }),
    name,
    layers,
    outputs: [...outputs],
    totals: {
      params: knownOf(params),
      trainable: knownOf(trainable),
      non_trainable: knownOf(params - trainable),
    },
    memory: {
      weights: knownOf(FLOAT_BYTES * params),
      optimizer: knownOf(FLOAT_BYTES * trainable * (slots ?? UNKNOWN)),
      /** Outputs of the layers for one batch, kept for the backward pass. */
      activations: knownOf(FLOAT_BYTES * values * (batch ?? UNKNOWN)),
      batch_size: batch ?? null,
    },
  }
}

export type ModelSummary = ReturnType<typeof summaryData>

function shapeWithBatch(shape: Shape | undefined): (number | null)[] | null {
  return shape ? [null, ...shape.map(knownOf)] : null
}

function total(parameters: readonly { readonly shape: Shape }[]): number {
  return parameters.reduce((sum, { shape }) => sum + sizeOf(shape), 0)
}

function knownOf(size: number): number | null {
  return Number.isNaN(size) ? null : size
}

/** A table of the layers like Keras's `summary()`, within `width` characters where possible. */
export function renderSummary({ name, layers, totals, memory }: ModelSummary, width: number): TerminalText {
  const rows = layers.map(({ name, type, output_shape, params, trainable, connections }) => [
    `${name} (${type})${trainable ? '' : ' frozen'}`,
    shapeText(output_shape),
    params === null ? '?' : count(params),
    connections.join(', ') || '-',
  ])
  const known = layers.reduce((sum, { params }) => sum + (params ?? 0), 0)
  const size = (params: number): string => `${count(params)} (${bytes(FLOAT_BYTES * params)})`
  const { params, trainable, non_trainable } = totals
  const { weights, optimizer, activations, batch_size } = memory
  return lines([
    `Model: ${name}`,
    ...table(
      [
        { title: 'Layer (type)' },
        { title: 'Output shape' },
        { title: 'Params', align: 'right' },
        { title: 'Connected to' },
      ],
      rows,
      width,
    ),
    `Total params: ${params !== null ? size(params) : known > 0 ? `${size(known)} or more` : '?'}`,
    ...(trainable === null ? [] : [`Trainable params: ${size(trainable)}`]),
    ...(non_trainable === null ? [] : [`Non-trainable params: ${size(non_trainable)}`]),
    ...(weights === null || optimizer === null || activations === null
      ? []
      : [
          `Memory: ${bytes(weights)} weights, ${bytes(optimizer)} optimizer, ` +
            `${bytes(activations)} activations of a batch of ${batch_size}`,
        ]),
    ...(params === null
      ? [`? follows from the data${batch_size === null ? '' : ': `nnlab summary --data` reads it'}`]
      : []),
  ])
}

/** A shape as `(None, 8, 8)`; `?` where it is not known. */
export function shapeText(shape: readonly (number | null)[] | null): string {
  const [, ...row] = shape ?? []
  return shape === null ? '?' : `(${['None', ...row.map((length) => length ?? '?')].join(', ')})`
}
