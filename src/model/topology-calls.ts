// How TensorFlow.js (tfjs-layers 4.22) counts the calls of a layer. It goes over the layers of a model again and again, and
// makes the calls whose inputs exist; those that must wait come after all others of their layer. Such calls have another
// number than their place in the file, by which others refer to them, unless the file has them in that order.
import type { KerasTensor, KerasValue } from '../components/topology.ts'

/** The calls of the layers of a model, as they are added. */
export class LayerCalls {
  /** By layer, in the order of the layers; each call with the pass in which TensorFlow.js makes it. */
  readonly #calls = new Map<string, { inputs: readonly KerasTensor[]; pass: number }[]>()
  readonly #positions = new Map<string, number>()

  /** Adds a call, of a new layer or of one that exists; returns its number among those of its layer. */
  add(layer: string, inputs: readonly KerasTensor[]): number {
    const position = this.#positions.get(layer) ?? this.#positions.size
    this.#positions.set(layer, position)
    const passes = inputs.map((input) => {
      const pass = this.#calls.get(input.layer)?.[input.call ?? 0]?.pass ?? 0
      return (this.#positions.get(input.layer) ?? 0) > position ? pass + 1 : pass
    })
    const calls = this.#calls.get(layer) ?? []
    calls.push({ inputs, pass: Math.max(0, ...passes) })
    this.#calls.set(layer, calls)
    return calls.length - 1
  }

  /** The calls of a layer as a model file has them. */
  inboundNodes(layer: string): KerasValue[] {
    const calls = this.#calls.get(layer) ?? []
    return this.#inOrder(layer).map((call) =>
      (calls[call]?.inputs ?? []).map((input) => [...this.reference(input), {}]),
    )
  }

  /** A tensor as a model file refers to it. */
  reference({ layer, call = 0 }: KerasTensor): [string, number, number] {
    return [layer, Math.max(0, this.#inOrder(layer).indexOf(call)), 0]
  }

  /** The numbers of the calls of a layer in the order in which TensorFlow.js makes them. */
  #inOrder(layer: string): number[] {
    const calls = this.#calls.get(layer) ?? []
    return [...calls.keys()].sort((a, b) => (calls[a]?.pass ?? 0) - (calls[b]?.pass ?? 0))
  }
}
