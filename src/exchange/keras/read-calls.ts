// The calls of layers as Keras 3 and earlier versions write them.
import { isMap } from '../../registry.ts'
import type { Refuse } from '../format.ts'
import { listOf, mapOf } from './read-objects.ts'
import { OwnMasks } from './own-masks.ts'
import type { Json } from './read-objects.ts'
import { inOrder, tensorsIn } from './tensors.ts'
import type { TensorReference } from './tensors.ts'

/** The tensors that a call takes. */
export type Call = readonly TensorReference[]

export class CallReader {
  readonly #masks: OwnMasks
  /** Names of models whose calls count from 1: before Keras 3, sequential ones, too. */
  readonly #fromOne: ReadonlySet<string>

  constructor(entries: readonly Json[]) {
    this.#masks = new OwnMasks(entries)
    this.#fromOne = new Set(
      entries
        .filter(
          ({ class_name, inbound_nodes }) =>
            class_name === 'Functional' ||
            class_name === 'Model' ||
            (class_name === 'Sequential' && !listOf(inbound_nodes).some(isMap)),
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

  /**
   * The tensors that a call takes: args and kwargs in Keras 3, before that a list of references with kwargs. Only what
   * `takesConstants` may be called with others.
   */
  call(call: unknown, takesConstants: boolean, refuse: Refuse): Call {
    if (!isMap(call)) {
      for (const [, , , kwargs] of listOf(call).map(listOf)) this.#checkKwargs(kwargs, refuse)
      return this.references(call)
    }
    this.#checkKwargs(call['kwargs'], refuse)
    const [, ...others] = takesConstants ? [] : listOf(call['args'])
    for (const other of others)
      if (!isNothing(other))
        refuse(`it is called with ${isMap(other) ? 'another tensor' : JSON.stringify(other)}`)
    return tensorsIn(call['args'])
  }

  /** Arguments of a call beside what it takes: those that change predictions are refused. */
  #checkKwargs(kwargs: unknown, refuse: Refuse): void {
    for (const [name, value] of Object.entries(mapOf(kwargs))) {
      if (isNothing(value) || (name === 'training' && value === false)) continue
      if (name === 'mask' && this.#masks.has(value)) continue
      refuse(`it is called with ${name}`)
    }
  }
}

function isNothing(value: unknown): boolean {
  return Array.isArray(value) ? value.every(isNothing) : value === null || value === undefined
}
