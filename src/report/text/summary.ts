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
  const layers: LayerSummary[] = [
    ...inputs.map((input) => ({
      name: input.name,
      type: 'input',
      output_shape: shapeWithBatch(input.shape),
      params: 0,
      trainable: true,
      connections: [],
    })),
    ...layersIn(nodes, undefined),
  ]
  const trained = nodes.map(({ config, parameters = [{ shape: [UNKNOWN], trainable: true }] }) =>
    config?.['trainable'] === false ? [] : parameters.filter(({ trainable }) => trainable),
  )
  const trainable = total(trained.flat())
  const params = layers.reduce((sum, layer) => sum + (layer.params ?? UNKNOWN), 0)
  const computed = nodes.filter(({ config }) => config?.type !== 'model')
  const values = [...inputs, ...computed].reduce((sum, { shape = [UNKNOWN] }) => sum + sizeOf(shape), 0)
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

/** A layer of a model, as `summary --json` has it. */
export type LayerSummary = {
  readonly name: string
  readonly type: string
  readonly output_shape: (number | null)[] | null
  /** Those inside it, too. */
  readonly params: number | null
  readonly trainable: boolean
  /** Its inputs by the names that its model has for them. */
  readonly connections: string[]
  /** The layer whose weights it uses, which are counted there. */
  readonly shared_with?: string
  /** Those of a model inside the model. */
  readonly layers?: LayerSummary[]
}

/** The layers of a model, or those that are in none. A shared model shows its layers where it is defined. */
function layersIn(nodes: Outline['nodes'], model: string | undefined): LayerSummary[] {
  return nodes
    .filter((node) => node.model === model)
    .map(({ name, config, shape, parameters, from, shares }) => {
      const inner = config?.type === 'model' && shares === undefined ? layersIn(nodes, name) : undefined
      const own = parameters ? total(parameters) : UNKNOWN
      const inside = (inner ?? []).reduce((sum, { params }) => sum + (params ?? UNKNOWN), 0)
      return {
        name: model === undefined ? name : name.slice(model.length + 1),
        type: config?.type ?? '',
        output_shape: shapeWithBatch(shape),
        params: knownOf(own + inside),
        trainable: config?.['trainable'] !== false,
        connections: [...from],
        ...(shares !== undefined && { shared_with: shares }),
        ...(inner && { layers: inner }),
      }
    })
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
  const rows = rowsOf(layers, '')
  const known = knownParams(layers)
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

function knownParams(layers: readonly LayerSummary[]): number {
  return layers.reduce((sum, { params, layers: inner }) => sum + (params ?? knownParams(inner ?? [])), 0)
}

/** The rows of layers; those inside a model are indented below it. */
function rowsOf(layers: readonly LayerSummary[], indent: string): string[][] {
  return layers.flatMap(
    ({ name, type, output_shape, params, trainable, connections, shared_with, layers }) => [
      [
        `${indent}${name} (${shared_with === undefined ? type : `shared with ${shared_with}`})${trainable ? '' : ' frozen'}`,
        shapeText(output_shape),
        params === null ? '?' : count(params),
        connections.join(', ') || '-',
      ],
      ...rowsOf(layers ?? [], `${indent}  `),
    ],
  )
}

/** A shape as `(None, 8, 8)`; `?` where it is not known. */
export function shapeText(shape: readonly (number | null)[] | null): string {
  const [, ...row] = shape ?? []
  return shape === null ? '?' : `(${['None', ...row.map((length) => length ?? '?')].join(', ')})`
}
