// The model.weights.h5 of a .keras file. Keras symbol: keras.src.saving.saving_lib._save_state.
import { optimizers } from '../../components/optimizers/index.ts'
import type { OptimizerSlot } from '../../components/optimizers/optimizer.ts'
import { sizeOf } from '../../ir/ir.ts'
import { isTrained } from '../../model/graph.ts'
import type { Parameter } from '../../model/graph.ts'
import { kerasClass } from '../../registry.ts'
import { required } from '../../step/step-program.ts'
import { slotKey, slotsOf } from '../../step/update.ts'
import type { Task } from '../../step/task.ts'
import type { ModelToExport } from '../format.ts'
import type { Hdf5Array, Hdf5Group } from './hdf5.ts'
import type { PlacedLayer } from './order.ts'

type Tree = Map<string, Tree | Hdf5Array>

/** The variables of layers, in Keras's order, and of the optimizer, which starts from the beginning where its state is not known. */
export function kerasVariables(
  { weights, task, training }: ModelToExport,
  placed: readonly PlacedLayer[],
): Hdf5Group {
  const root: Tree = new Map()
  for (const { parameter, folder } of layerVariables(placed))
    add(root, folder, { shape: parameter.shape, data: required(weights, parameter.id) })
  for (const variable of optimizerVariables(task, placed, training)) add(root, 'optimizer/vars', variable)
  return root
}

/** The parameters of layers, and the group that holds each under the next number. */
export function* layerVariables(
  placed: readonly PlacedLayer[],
): Generator<{ readonly parameter: Parameter; readonly folder: string }> {
  const counts = new Map<string, number>()
  for (const { node } of placed) {
    if (node === undefined) continue
    const kind = snakeCase(kerasClass(node.component) ?? node.config.type)
    const count = counts.get(kind) ?? 0
    counts.set(kind, count + 1)
    for (const parameter of node.parameters) {
      const inside = [...parameter.name.split('/').slice(0, -1), parameter.holder ?? []].flat()
      const folder = [`layers/${kind}${count === 0 ? '' : `_${count}`}`, ...inside, 'vars'].join('/')
      yield { parameter, folder }
    }
  }
}

/** Iterations, learning rate unless a schedule tells it, averages of the weights, then the optimizer's own slots. */
function optimizerVariables(
  { optimizer }: Task,
  placed: readonly PlacedLayer[],
  training: ModelToExport['training'],
): Hdf5Array[] {
  const trained = placed.flatMap(
    ({ node }) => node?.parameters.filter((parameter) => isTrained(node, parameter)) ?? [],
  )
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
