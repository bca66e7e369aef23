// The calls of layers as Keras 3 and earlier versions write them.
import { isMap } from '../../registry.ts'
import type { Refuse } from '../format.ts'
import { listOf, mapOf } from './read-objects.ts'
import type { Json } from './read-objects.ts'

/** A tensor: that of a layer's call, by its place among those that the call yields. */
export type TensorReference = { readonly layer: string; readonly call: number; readonly tensor: number }
/** The tensors that a call takes. */
export type Call = readonly TensorReference[]

export class CallReader {
  /** Names of models, whose calls count from 1, unless a call of Keras 3 takes them. */
  readonly #fromOne: ReadonlySet<string>

  constructor(entries: readonly Json[]) {
    this.#fromOne = new Set(
      entries
        .filter(
          ({ class_name, module }) =>
            class_name === 'Functional' ||
            class_name === 'Model' ||
            (class_name === 'Sequential' && module === undefined),
        )
        .map(({ name, config }) => String(mapOf(config)['name'] ?? name)),
    )
  }

  /** The tensors in `["a", 0, 0]`, or in lists or maps of such. */
  references(value: unknown): TensorReference[] {
    if (isMap(value)) return inOrder(value).flatMap((one) => this.references(one))
    const [layer, call = 0, tensor = 0] = listOf(value)
    if (typeof layer !== 'string') return listOf(value).flatMap((one) => this.references(one))
    const first = this.#fromOne.has(layer) ? 1 : 0
    return [{ layer, call: Math.max(0, Number(call) - first), tensor: Number(tensor) }]
  }

  /** The tensors that a call takes: args and kwargs in Keras 3, before that a list of references with kwargs. */
  call(call: unknown, refuse: Refuse): Call {
    if (!isMap(call)) {
      for (const [, , , kwargs] of listOf(call).map(listOf)) checkKwargs(kwargs, refuse)
      return this.references(call)
    }
    checkKwargs(call['kwargs'], refuse)
    return tensorsIn(call['args'])
  }
}

/** Arguments of a call beside what it takes: those that change predictions are refused. */
function checkKwargs(kwargs: unknown, refuse: Refuse): void {
  for (const [name, value] of Object.entries(mapOf(kwargs))) {
    if (value === null || value === undefined || (name === 'training' && value === false)) continue
    refuse(`it is called with ${name}`)
  }
}

function tensorsIn(value: unknown): TensorReference[] {
  if (Array.isArray(value)) return value.flatMap(tensorsIn)
  if (!isMap(value)) return []
  if (value['class_name'] !== '__keras_tensor__') return inOrder(value).flatMap(tensorsIn)
  const [layer, call, tensor] = listOf(mapOf(value['config'])['keras_history'])
  return [{ layer: String(layer), call: Number(call), tensor: Number(tensor) }]
}

/** The values of a map by their keys, which is how Keras flattens it. */
function inOrder(value: Json): unknown[] {
  return Object.keys(value)
    .sort()
    .map((key) => value[key])
}
