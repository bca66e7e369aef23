import { sizeOf } from '../../ir/ir.ts'
import { slotsOf, stateOf } from '../../step/update.ts'
import type { Task } from '../../step/task.ts'
import { isTrained } from '../../model/build.ts'
import type { Weights } from '../../model/weights.ts'
import type { OptimizerState } from '../engine.ts'
import type { Arena } from './arena.ts'

type Block = { readonly key: string; readonly name: string; readonly size: number }

/** What of a model lives from step to step, under the names that its programs have for it. */
export class ModelState {
  readonly #arena: Arena
  readonly #parameters: readonly Block[]
  readonly #slots: readonly Block[]
  readonly #scalars: readonly Block[]

  constructor(arena: Arena, { graph, optimizer }: Task) {
    this.#arena = arena
    const place = (key: string, name: string, size: number, initial = 0): Block => {
      arena.floats(arena.place(name, 4 * size, 'the network'), size).fill(initial)
      return { key, name, size }
    }
    const parameters = graph.nodes.flatMap((node) =>
      node.parameters.map((parameter) => ({ ...parameter, trained: isTrained(node, parameter) })),
    )
    this.#parameters = parameters.map(({ id, shape }) => place(id, `parameter:${id}`, sizeOf(shape)))
    this.#slots = parameters
      .filter(({ trained }) => trained)
      .flatMap(({ id, shape }) =>
        slotsOf(optimizer).map(({ name, initial }) =>
          place(`${id}/${name}`, `slot:${id}/${name}`, sizeOf(shape), initial),
        ),
      )
    this.#scalars = stateOf(optimizer).map(({ name, initial }) => place(name, `state:${name}`, 1, initial))
    for (const name of ['iterations', 'factor', 'counter', 'epoch']) place(name, name, 1)
  }

  get weights(): Map<string, Float32Array> {
    return new Map(this.#parameters.map((block) => [block.key, this.#numbers(block).slice()]))
  }

  set weights(weights: Weights) {
    this.#fill(this.#parameters, weights)
  }

  get optimizer(): OptimizerState {
    return {
      iterations: this.#arena.integers(this.#address('counter'), 1)[0] ?? 0,
      slots: new Map(this.#slots.map((block) => [block.key, this.#numbers(block).slice()])),
      state: new Map(this.#scalars.map((block) => [block.key, this.#numbers(block)[0] ?? 0])),
    }
  }

  set optimizer({ iterations, slots, state }: OptimizerState) {
    this.#fill(this.#slots, slots)
    this.#fill(this.#scalars, new Map([...state].map(([name, value]) => [name, Float32Array.of(value)])))
    this.#arena.integers(this.#address('counter'), 1)[0] = iterations
    this.#arena.floats(this.#address('iterations'), 1)[0] = iterations
  }

  /** The factor on the learning rate. */
  set factor(factor: number) {
    this.#arena.floats(this.#address('factor'), 1)[0] = factor
  }

  set epoch(epoch: number) {
    this.#arena.integers(this.#address('epoch'), 1)[0] = epoch
  }

  #fill(blocks: readonly Block[], numbers: ReadonlyMap<string, Float32Array>): void {
    for (const block of blocks) {
      const found = numbers.get(block.key)
      if (found?.length !== block.size) {
        throw new Error(`${block.name} takes ${block.size} numbers, not ${found?.length ?? 'none'}`)
      }
      this.#numbers(block).set(found)
    }
  }

  #numbers({ name, size }: Block): Float32Array {
    return this.#arena.floats(this.#address(name), size)
  }

  #address(name: string): number {
    const address = this.#arena.named.get(name)
    if (address === undefined) throw new Error(`nothing is placed under ${name}`)
    return address
  }
}
