import { sizeOf } from '../../ir/ir.ts'
import type { Weights } from '../../model/weights.ts'
import { stream } from '../../random.ts'
import { fixedRate } from '../../step/learning-rate.ts'
import type { ParameterPiece } from '../../step/parts.ts'
import { namedInputs, required } from '../../step/step-program.ts'
import type { ByName, StepProgram } from '../../step/step-program.ts'
import type { Task } from '../../step/task.ts'
import { hasSlots } from '../../step/unfrozen.ts'
import { negligibleOf, slotKey, slotsOf, stateOf } from '../../step/update.ts'
import type { OptimizerState } from '../engine.ts'
import type { Arena } from './arena.ts'

type StateBlock = { readonly address: number; readonly size: number }

/** Bytes of what is kept. */
export type StateRange = { readonly address: number; readonly bytes: number }

/** The part of a model that lives from step to step, in the memory of its programs. */
export class ModelState {
  readonly #arena: Arena
  readonly #parameters: ByName<StateBlock>
  readonly #slots: ByName<StateBlock>
  readonly #slotNames: readonly string[]
  /** Sizes below which numbers of slots become 0, by their keys; undefined for those that average nothing. */
  readonly negligible: ByName<number | undefined>
  readonly #scalars: ByName<StateBlock>
  readonly #iterations: number
  readonly #learningRate: number
  readonly #factor: number
  /** The address of the i32 of the steps done. */
  readonly counter: number
  readonly #epoch: number
  /** The address of the two words of the seed, the lower first. */
  readonly seed: number

  constructor(arena: Arena, task: Task) {
    const { graph, optimizer, seed } = task
    this.#arena = arena
    const parameters = graph.nodes.flatMap((node) =>
      node.parameters.map((parameter) => ({ ...parameter, hasSlots: hasSlots(task, node, parameter) })),
    )
    this.#parameters = new Map(parameters.map(({ id, shape }) => [id, this.#block(sizeOf(shape))]))
    const slots = slotsOf(optimizer)
    this.#slotNames = slots.map(({ name }) => name)
    const keptSlots = parameters
      .filter((parameter) => parameter.hasSlots)
      .flatMap(({ id, shape }) => slots.map((slot) => ({ slot, shape, key: slotKey(id, slot.name) })))
    this.#slots = new Map(
      keptSlots.map(({ key, shape, slot }) => [key, this.#block(sizeOf(shape), slot.initial)]),
    )
    this.negligible = new Map(keptSlots.map(({ key, slot }) => [key, negligibleOf(slot)]))
    this.#scalars = new Map(stateOf(optimizer).map(({ name, initial }) => [name, this.#block(1, initial)]))
    this.#iterations = this.#block(1).address
    this.#learningRate = this.#block(1, fixedRate(optimizer)).address
    this.#factor = this.#block(1).address
    this.counter = this.#block(1).address
    this.#epoch = this.#block(1).address
    this.seed = this.#block(2).address
    arena.integers(this.seed, 2).set(stream(seed, '').key)
  }

  /** Addresses of what a step finds and leaves here, by the names that its program has for it. */
  addressesFor(step: StepProgram): Map<string, number> {
    return namedInputs(step, {
      parameters: addressesOf(this.#parameters),
      slots: addressesOf(this.#slots),
      state: addressesOf(this.#scalars),
      iterations: this.#iterations,
      learningRate: this.#learningRate,
      factor: this.#factor,
      counter: this.counter,
      epoch: this.#epoch,
    })
  }

  /** The same of pieces of parameters. */
  pieceAddressesFor(step: StepProgram, pieces: readonly ParameterPiece[]): Map<string, number> {
    const addresses = (names: ByName<string>, ranges: ByName<StateRange>): [string, number][] =>
      Array.from(ranges, ([key, { address }]) => [required(names, key), address])
    return new Map([
      ...addresses(step.parameters, this.weightRanges(pieces)),
      ...addresses(step.slots, this.slotRanges(pieces)),
    ])
  }

  /** The weights of pieces, by their parameters. */
  weightRanges(pieces: readonly ParameterPiece[]): Map<string, StateRange> {
    return new Map(
      pieces.map((piece) => [piece.parameter, rangeOf(required(this.#parameters, piece.parameter), piece)]),
    )
  }

  /** The slots of pieces, by their keys. */
  slotRanges(pieces: readonly ParameterPiece[]): Map<string, StateRange> {
    return new Map(
      pieces.flatMap((piece) =>
        this.#slotNames.map((name) => {
          const key = slotKey(piece.parameter, name)
          return [key, rangeOf(required(this.#slots, key), piece)] as const
        }),
      ),
    )
  }

  get weights(): Map<string, Float32Array> {
    return this.#read(this.#parameters)
  }

  set weights(weights: Weights) {
    this.#fill(this.#parameters, weights)
  }

  get optimizer(): OptimizerState {
    return {
      iterations: this.#arena.integers(this.counter, 1)[0] ?? 0,
      slots: this.#read(this.#slots),
      state: new Map(Array.from(this.#read(this.#scalars), ([name, [value = 0]]) => [name, value])),
    }
  }

  set optimizer({ iterations, slots, state }: OptimizerState) {
    this.#fill(this.#slots, slots)
    this.#fill(this.#scalars, new Map(Array.from(state, ([name, value]) => [name, Float32Array.of(value)])))
    this.#arena.integers(this.counter, 1)[0] = iterations
    this.#arena.floats(this.#iterations, 1)[0] = iterations
  }

  /** The factor on the learning rate. */
  set factor(factor: number) {
    this.#arena.floats(this.#factor, 1)[0] = factor
  }

  set epoch(epoch: number) {
    this.#arena.integers(this.#epoch, 1)[0] = epoch
  }

  #block(size: number, initial = 0): StateBlock {
    const address = this.#arena.allocate(4 * size, 'the network')
    this.#arena.floats(address, size).fill(initial)
    return { address, size }
  }

  #read(blocks: ByName<StateBlock>): Map<string, Float32Array> {
    return new Map(
      Array.from(blocks, ([name, { address, size }]) => [name, this.#arena.floats(address, size).slice()]),
    )
  }

  #fill(blocks: ByName<StateBlock>, numbers: ByName<Float32Array>): void {
    for (const [name, { address, size }] of blocks) {
      const found = numbers.get(name)
      if (found?.length !== size)
        throw new Error(`${name}: expected ${size} numbers, got ${found?.length ?? 'none'}`)
      this.#arena.floats(address, size).set(found)
    }
  }
}

function rangeOf({ address }: StateBlock, { from, size }: ParameterPiece): StateRange {
  return { address: address + 4 * from, bytes: 4 * size }
}

function addressesOf(blocks: ByName<StateBlock>): Map<string, number> {
  return new Map(Array.from(blocks, ([name, { address }]) => [name, address]))
}
