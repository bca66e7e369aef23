import type { Buffer } from '../../backend/plan/buffers.ts'
import type { Tally } from '../../backend/wasm/loop/steps.ts'
import { sizeOf } from '../../ir/ir.ts'
import { required, stepOutputs } from '../../step/step-program.ts'
import type { ByName, StepProgram } from '../../step/step-program.ts'
import type { Task } from '../../step/task.ts'
import type { MetricSums } from '../engine.ts'
import type { Arena } from './arena.ts'

/** The f64 sums over batches to which all programs of a model add their losses and metrics. */
export class Accumulators {
  readonly #arena: Arena
  readonly #loss: number
  readonly #losses: ByName<number>
  /** Those of the steps that were reserved for. */
  readonly #metrics = new Map<string, { readonly address: number; readonly length: number }>()

  constructor(arena: Arena, { outputs }: Task) {
    this.#arena = arena
    this.#loss = this.#allocate(1)
    this.#losses = new Map(outputs.map(({ name }) => [name, this.#allocate(1)]))
  }

  /** Makes room for the metrics of a step. */
  reserve({ program, metrics }: StepProgram): void {
    for (const [label, name] of metrics) {
      if (this.#metrics.has(label)) continue
      const length = sizeOf(required(program.outputs, name).shape)
      this.#metrics.set(label, { length, address: this.#allocate(length) })
    }
  }

  /** The addresses of all, in order. */
  get all(): number[] {
    const metrics = Array.from(this.#metrics.values(), ({ address }) => address)
    return [this.#loss, ...this.#losses.values(), ...metrics]
  }

  /** The additions of a step, whose results lie in these buffers. */
  tallies(step: StepProgram, buffers: ReadonlyMap<string, Buffer>, batch: number): Tally[] {
    const { loss, losses, metrics } = stepOutputs(step, buffers)
    const lossTo = ({ offset }: Buffer, to: number): Tally => ({ from: offset, length: 1, to, factor: batch })
    return [
      ...(loss === undefined ? [] : [lossTo(loss, this.#loss)]),
      ...Array.from(losses, ([name, buffer]) => lossTo(buffer, required(this.#losses, name))),
      ...Array.from(metrics, ([label, { offset }]): Tally => {
        const { address, length } = required(this.#metrics, label)
        return { from: offset, length, to: address, factor: 1 }
      }),
    ]
  }

  /** Makes the sums go on from others, so that they are the same however the steps are cut into calls. */
  write({ loss, losses, metrics }: MetricSums): void {
    this.#sums(this.#loss)[0] = loss
    for (const [name, address] of this.#losses) this.#sums(address)[0] = losses.get(name) ?? 0
    for (const [label, { address, length }] of this.#metrics) {
      this.#sums(address, length).set(metrics.get(label) ?? new Float64Array(length))
    }
  }

  read(): Pick<MetricSums, 'loss' | 'losses' | 'metrics'> {
    const single = (address: number): number => this.#sums(address)[0] ?? NaN
    return {
      loss: single(this.#loss),
      losses: new Map(Array.from(this.#losses, ([name, address]) => [name, single(address)])),
      metrics: new Map(
        Array.from(this.#metrics, ([label, { address, length }]) => [
          label,
          this.#sums(address, length).slice(),
        ]),
      ),
    }
  }

  #allocate(length: number): number {
    return this.#arena.allocate(8 * length, 'the metrics')
  }

  #sums(address: number, length = 1): Float64Array {
    return this.#arena.doubles(address, length)
  }
}
