// Masks that Keras 3 computes by itself, and writes as operations into its files.
import { listOf, mapOf } from './read-objects.ts'
import type { Json } from './read-objects.ts'
import { tensorsIn } from './tensors.ts'

/** Operations by which Keras combines masks. */
const MASK_OPERATIONS: ReadonlySet<string> = new Set([
  'All',
  'Any',
  'Concatenate',
  'ExpandDims',
  'LogicalAnd',
  'LogicalOr',
])

/** The masks of the layers of a model. */
export class OwnMasks {
  readonly #entries: ReadonlyMap<string, Json>
  /** Operations that make masks, as far as that is known; those in work do not. */
  readonly #known = new Map<string, boolean>()

  constructor(entries: readonly Json[]) {
    this.#entries = new Map(
      entries.map((entry) => [String(entry['name'] ?? mapOf(entry['config'])['name']), entry]),
    )
  }

  /** True for a tensor that is the mask which Keras itself passes on from a layer that masks steps. */
  has(value: unknown): boolean {
    const key = tensorsIn(value)[0]?.layer ?? ''
    const known = this.#known.get(key)
    if (known !== undefined) return known
    this.#known.set(key, false)
    const made = this.#makesMask(this.#entries.get(key))
    this.#known.set(key, made)
    return made
  }

  #makesMask(operation: Json = {}): boolean {
    const name = String(operation['class_name'])
    const args = listOf(mapOf(listOf(operation['inbound_nodes'])[0])['args'])
    if (name === 'NotEqual') return this.#isMasking(args)
    if (name === 'ZerosLike' || name === 'OnesLike') return true
    const taken = MASK_OPERATIONS.has(name) ? args.flat().filter((one) => tensorsIn(one).length > 0) : []
    return taken.length > 0 && taken.every((one) => this.has(one))
  }

  /** True where a layer masks the steps of a tensor whose numbers are equal to one. */
  #isMasking([tensor, masked]: readonly unknown[]): boolean {
    const [of] = tensorsIn(tensor)
    return [...this.#entries.values()].some(({ class_name, config, inbound_nodes }) => {
      const { mask_zero, mask_value } = mapOf(config)
      const isAlike =
        (class_name === 'Embedding' && mask_zero === true && masked === 0) ||
        (class_name === 'Masking' && mask_value === masked)
      return (
        isAlike &&
        tensorsIn(listOf(inbound_nodes).map((call) => mapOf(call)['args'])).some(
          (one) => one.layer === of?.layer && one.call === of.call,
        )
      )
    })
  }
}
