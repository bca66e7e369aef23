// The model.weights.h5 of a .keras file. Keras symbol: keras.src.saving.saving_lib._save_state.
import { optimizers } from '../../components/optimizers/index.ts'
import type { OptimizerSlot } from '../../components/optimizers/optimizer.ts'
import { sizeOf } from '../../ir/ir.ts'
import { isTrained } from '../../model/graph.ts'
import type { GraphNode, Parameter } from '../../model/graph.ts'
import { kerasClass } from '../../registry.ts'
import { required } from '../../step/step-program.ts'
import { slotKey, slotsOf } from '../../step/update.ts'
import type { Task } from '../../step/task.ts'
import type { ModelToExport } from '../format.ts'
import type { Hdf5Array, Hdf5Group } from './hdf5.ts'
import type { KerasModel } from './order.ts'

type Tree = Map<string, Tree | Hdf5Array>

/** A layer in the file: its class in Keras, and where it is a model, its layers in order. */
export type StoredLayer = {
  readonly className: string
  /** Undefined where it has no parameters. */
  readonly node?: GraphNode | undefined
  readonly layers?: readonly StoredLayer[] | undefined
}

export function storedLayers({ layers }: KerasModel): StoredLayer[] {
  return layers.map(({ node, model }) => ({
    className: node ? (kerasClass(node.component) ?? node.config.type) : 'InputLayer',
    node,
    layers: model && storedLayers(model),
  }))
}

/** The variables of layers, in Keras's order, and of the optimizer, which starts from the beginning where its state is not known. */
export function kerasVariables(
  { weights, task, training }: ModelToExport,
  layers: readonly StoredLayer[],
): Hdf5Group {
  const root: Tree = new Map()
  for (const { parameter, folder } of layerVariables(layers))
    add(root, folder, { shape: parameter.shape, data: required(weights, parameter.id) })
  for (const variable of optimizerVariables(task, layers, training)) add(root, 'optimizer/vars', variable)
  return root
}

/** The variables of a model inside another one, beside the tables of this one's embeddings, in Keras's order. */
export function nestedVariables(
  { weights }: Pick<ModelToExport, 'weights'>,
  layers: readonly StoredLayer[],
  tables: readonly Hdf5Array[],
): Hdf5Group {
  const root: Tree = new Map()
  for (const { parameter, folder } of layerVariables(layers, 'layers/functional/'))
    add(root, folder, { shape: parameter.shape, data: required(weights, parameter.id) })
  for (const [n, table] of tables.entries())
    add(root, `layers/embedding${n === 0 ? '' : `_${n}`}/vars`, table)
  return root
}

/** The parameters of layers, and the group that holds each under the next number. */
export function* layerVariables(
  layers: readonly StoredLayer[],
  within = '',
): Generator<{ readonly node: GraphNode; readonly parameter: Parameter; readonly folder: string }> {
  const counts = new Map<string, number>()
  for (const { className, node, layers: inner } of layers) {
    const kind = snakeCase(className)
    const count = counts.get(kind) ?? 0
    counts.set(kind, count + 1)
    const place = `${within}layers/${kind}${count === 0 ? '' : `_${count}`}`
    if (inner) yield* layerVariables(inner, `${place}/`)
    for (const parameter of node?.parameters ?? []) {
      const inside = [...parameter.name.split('/').slice(0, -1), parameter.holder ?? []].flat()
      if (node) yield { node, parameter, folder: [place, ...inside, 'vars'].join('/') }
    }
  }
}

/** Iterations, learning rate unless a schedule tells it, averages of the weights, then the optimizer's own slots. */
function optimizerVariables(
  { optimizer }: Task,
  layers: readonly StoredLayer[],
  training: ModelToExport['training'],
): Hdf5Array[] {
  const trained = [...layerVariables(layers)]
    .filter(({ node, parameter }) => isTrained(node, parameter))
    .map(({ parameter }) => parameter)
  const { learning_rate: rate, use_ema } = optimizer
  const slots = slotsOf(optimizer)
  const own = use_ema === true ? slots.slice(0, -1) : slots
  const average = use_ema === true ? slots.slice(-1) : []
  const { interleaved = 1 } = optimizers.of(optimizer)
  const groups = [average, own.slice(0, interleaved), ...own.slice(interleaved).map((one) => [one])]
  const valueOf = ({ id, shape }: Parameter, { name, initial }: OptimizerSlot): Hdf5Array => ({
    shape,
    data: training
      ? required(training.optimizer.slots, slotKey(id, name))
      : new Float32Array(sizeOf(shape)).fill(initial),
  })
  return [
    { shape: [], data: BigInt64Array.of(BigInt(training?.optimizer.iterations ?? 0)) },
    ...(typeof rate === 'number'
      ? [{ shape: [], data: Float32Array.of(rate * (training?.factor ?? 1)) }]
      : []),
    ...groups.flatMap((slots) =>
      trained.flatMap((parameter) => slots.map((slot) => valueOf(parameter, slot))),
    ),
  ]
}

/** Adds a dataset to a group under the next number. */
function add(root: Tree, path: string, dataset: Hdf5Array): void {
  let group = root
  for (const name of path.split('/')) {
    const inner = group.get(name)
    const next: Tree = inner === undefined || 'shape' in inner ? new Map<string, Tree | Hdf5Array>() : inner
    group.set(name, next)
    group = next
  }
  group.set(String(group.size), dataset)
}

/** Keras symbol: keras.src.utils.naming.to_snake_case. */
function snakeCase(name: string): string {
  return name
    .replaceAll(/\W+/g, '')
    .replaceAll(/(.)([A-Z][a-z]+)/g, '$1_$2')
    .replaceAll(/([a-z])([A-Z])/g, '$1_$2')
    .toLowerCase()
}
