// Operations of a functional model that are no layers, as `x + y`, `2 * x` or `ops.relu(x)` make them, as layers.
// Keras symbols: keras.src.ops; TFOpLambda of tf.keras.
import { activations } from '../../components/activations/index.ts'
import type { WrittenOptions } from '../foreign-model.ts'
import type { Refuse } from '../format.ts'
import type { CallReader } from './read-calls.ts'
import { listOf, mapOf, readObject, shorten } from './read-objects.ts'
import type { Json } from './read-objects.ts'
import { TENSOR } from './tensors.ts'

/** Module of the operations of Keras 3. */
const MODULE = 'keras.src.ops.'
/** Class of all operations of tf.keras. */
const FUNCTION = 'TFOpLambda'
/** Names that tf.keras, or a config, has for operations of Keras 3. */
const NAMES: ReadonlyMap<string, string> = new Map([
  ['truediv', 'divide'],
  ['truedivide', 'divide'],
  ['exp', 'exponential'],
])

export function isOperation({ module }: Json): boolean {
  return typeof module === 'string' && module.startsWith(MODULE)
}

/** A function of tf.keras as an operation of Keras 3; any other entry as it is. */
export function asOperation(entry: Json, reader: CallReader): Json {
  if (entry['class_name'] !== FUNCTION) return entry
  const { function: path, name = entry['name'] } = mapOf(entry['config'])
  const [reference] = listOf(listOf(entry['inbound_nodes'])[0])
  const [layer, , constant, kwargs] = listOf(reference)
  const { y, name: _name, ...options } = mapOf(kwargs)
  const first = layer === '_CONSTANT_VALUE' ? constant : tensorOf(reader, reference)
  const others = y === undefined ? [] : [Array.isArray(y) ? tensorOf(reader, y) : y]
  return {
    module: `${MODULE}tensorflow`,
    class_name: String(path).split('.').at(-1) ?? '',
    config: { ...options, name },
    inbound_nodes: [{ args: [first, ...others] }],
  }
}

function tensorOf(reader: CallReader, reference: unknown): Json {
  const [found] = reader.references(reference)
  return { class_name: TENSOR, config: { keras_history: [found?.layer, found?.call, found?.tensor] } }
}

/** The layer that an operation is; undefined where nnlab has none. */
export function readOperation(entry: Json, refuse: Refuse): WrittenOptions | undefined {
  const operands = listOf(mapOf(listOf(entry['inbound_nodes'])[0])['args'])
  const given = String(entry['class_name']).toLowerCase()
  const name = NAMES.get(given) ?? given
  const isActivation = operands.length === 1 && activations.find(name) !== undefined
  const read = isActivation
    ? activation({ class_name: name, config: entry['config'] }, refuse)
    : OPERATIONS.get(name)?.(operands, mapOf(entry['config']))
  if (read === undefined) refuse(`operation ${String(entry['class_name'])} of what it is given`)
  return read
}

function activation(object: Json, refuse: Refuse): WrittenOptions | undefined {
  const read = readObject(activations, object, refuse)
  return read && { type: 'activation', activation: shorten(read) }
}

type ReadOperands = (operands: readonly unknown[], config: Json) => WrittenOptions | undefined

const OPERATIONS: ReadonlyMap<string, ReadOperands> = new Map<string, ReadOperands>(
  Object.entries({
    add: binary('add', (c) => ({ offset: c })),
    subtract: binary('subtract', (c, isFirst) => (isFirst ? { scale: -1, offset: c } : { offset: -c })),
    multiply: binary('multiply', (c) => ({ scale: c })),
    divide: binary(undefined, (c, isFirst) => (isFirst ? undefined : { scale: 1 / c })),
    negative: ([x]) => (isTensor(x) ? { type: 'rescaling', scale: -1 } : undefined),
    maximum: binary('maximum'),
    minimum: binary('minimum'),
    concatenate: ([xs], { axis }) =>
      listOf(xs).length > 0 && axis !== 0 ? { type: 'concatenate', ...(axis !== -1 && { axis }) } : undefined,
    reshape([x], { newshape }) {
      const [batch, ...target_shape] = listOf(newshape)
      const isPerRow = (batch === -1 || batch === null) && !target_shape.includes(-1)
      return isPerRow && isTensor(x) ? { type: 'reshape', target_shape } : undefined
    },
    transpose([x], { axes }) {
      const [batch, ...dims] = listOf(axes)
      return batch === 0 && isTensor(x) ? { type: 'permute', dims } : undefined
    },
    mean: pooling('average'),
    max: pooling('max'),
  }),
)

/** An operation on two tensors, or on one and a number, which scales or shifts it. */
function binary(
  type: string | undefined,
  withConstant: (constant: number, isFirst: boolean) => object | undefined = () => undefined,
): ReadOperands {
  return (operands) => {
    if (operands.length !== 2) return undefined
    if (operands.every(isTensor)) return type === undefined ? undefined : { type }
    const constant = operands.find((one) => typeof one === 'number')
    const affine = constant === undefined ? undefined : withConstant(constant, operands[0] === constant)
    return affine && operands.some(isTensor) ? { type: 'rescaling', scale: 1, ...affine } : undefined
  }
}

/** The mean or the largest over the steps of sequences or the pixels of images. */
function pooling(kind: 'average' | 'max'): ReadOperands {
  return (_operands, { axis, keepdims }) => {
    const axes = [axis].flat()
    const isSpatial = axes.every((one, i) => one === i + 1) && axes.length <= 2
    if (!isSpatial) return undefined
    return { type: `global_${kind}_pooling${axes.length}d`, ...(keepdims === true && { keepdims }) }
  }
}

function isTensor(operand: unknown): boolean {
  return mapOf(operand)['class_name'] === TENSOR
}
