// A functional model of Keras as it grows, layer by layer.
import type { Shape } from '../../ir/ir.ts'
import { Float } from './json.ts'
import type { PythonDict, PythonValue } from './json.ts'
import { objectOf } from './objects.ts'
import { mapGraph } from './order.ts'
import type { TensorReference } from './tensors.ts'

/** Tensors, lists of them, and numbers. */
type Argument = TensorReference | readonly TensorReference[] | Float | number

/** The module of operations that are no layers: keras.ops in functional models. */
const OPERATIONS = 'keras.src.ops.numpy'

type Placed = { readonly entry: PythonDict; readonly sources: readonly string[] }

export class LayerWriter {
  readonly #placed = new Map<string, Placed>()
  readonly #inputs = new Map<string, TensorReference>()

  /** An input under its own name, which may hold anything but a slash. */
  input(name: string, shape: Shape, dtype: string): TensorReference {
    const config = { batch_shape: [null, ...shape], dtype, sparse: false, name }
    const object = objectOf('keras.layers', 'InputLayer', config)
    this.#placed.set(name, { entry: { ...object, name, inbound_nodes: [] }, sources: [] })
    const tensor = { layer: name, call: 0, tensor: 0 }
    this.#inputs.set(name, tensor)
    return tensor
  }

  /** A layer on one tensor, or on several. */
  layer(
    className: string,
    name: string,
    x: TensorReference | readonly TensorReference[],
    config: PythonDict = {},
  ): TensorReference {
    const own = this.#nameFor(name)
    return this.#place(own, objectOf('keras.layers', className, { ...config, name: own }), [x])
  }

  /** An operation, such as `Where`, on tensors and numbers. */
  operation(className: string, args: readonly Argument[], config: PythonDict = {}): TensorReference {
    const own = this.#nameFor(className.toLowerCase())
    return this.#place(own, objectOf(OPERATIONS, className, { ...config, name: own }), args)
  }

  /** A model as a layer; returns its outputs, of which other layers may take any. */
  model(
    object: PythonDict,
    name: string,
    inputs: readonly TensorReference[],
    outputs: number,
  ): TensorReference[] {
    const own = this.#nameFor(name)
    const [first, ...others] = inputs
    const arg = first && others.length === 0 ? first : inputs
    const { layer } = this.#place(own, object, [arg])
    return Array.from({ length: outputs }, (_, tensor) => ({ layer, call: 0, tensor }))
  }

  /** The whole model, whose inputs and outputs are dicts. */
  finish(name: string, outputs: ReadonlyMap<string, TensorReference>): PythonDict {
    return objectOf('keras.src.models.functional', 'Functional', {
      name,
      trainable: true,
      layers: Array.from(this.#placed.values(), ({ entry }) => entry),
      input_layers: Object.fromEntries(Array.from(this.#inputs, ([key, tensor]) => [key, historyOf(tensor)])),
      output_layers: Object.fromEntries(Array.from(outputs, ([key, tensor]) => [key, historyOf(tensor)])),
    })
  }

  /** Names of layers in the order of `model.layers`. */
  order(outputs: ReadonlyMap<string, TensorReference>): readonly string[] {
    // Keras sorts the keys of a dict.
    const sorted = [...outputs].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, { layer }]) => layer)
    const sourcesOf = (call: string): readonly string[] => this.#placed.get(call)?.sources ?? []
    return mapGraph([...this.#inputs.keys()].sort(), sorted, sourcesOf, (call) => call).order
  }

  #place(name: string, object: PythonDict, args: readonly Argument[]): TensorReference {
    const node = { args: args.map(argumentOf), kwargs: {} }
    const sources = args.flatMap(tensorsIn).map(({ layer }) => layer)
    this.#placed.set(name, { entry: { ...object, name, inbound_nodes: [node] }, sources })
    return { layer: name, call: 0, tensor: 0 }
  }

  /** A name that TensorFlow takes for a scope, and no other layer has. */
  #nameFor(stem: string): string {
    const plain = stem.replaceAll(/\W/g, '_').replace(/^_/, 'x_')
    let name = plain
    for (let n = 2; this.#placed.has(name); n++) name = `${plain}_${n}`
    return name
  }
}

function tensorsIn(arg: Argument): readonly TensorReference[] {
  if (typeof arg === 'number' || arg instanceof Float) return []
  return 'layer' in arg ? [arg] : arg
}

function argumentOf(arg: Argument): PythonValue {
  if (typeof arg === 'number' || arg instanceof Float) return arg
  return 'layer' in arg ? tensorArgument(arg) : arg.map(tensorArgument)
}

/** Keras finds a tensor by its history, and reads its shape again. */
function tensorArgument(tensor: TensorReference): PythonDict {
  return {
    class_name: '__keras_tensor__',
    config: { shape: [null], dtype: 'float32', keras_history: historyOf(tensor) },
  }
}

function historyOf({ layer, call, tensor }: TensorReference): PythonValue {
  return [layer, call, tensor]
}
