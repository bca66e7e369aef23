// The times of the kernels of a training step, on random rows: the module tells when each is done.

import type { KernelPlan, Schedule } from '../../src/backend/plan/schedule.ts'
import { wantsMachine } from '../../src/backend/plan/tile-machine.ts'
import { compile } from '../../src/backend/wasm/module.ts'
import type { Native } from '../../src/engine/compiled/native.ts'
import { optimize } from '../../src/ir/passes/index.ts'
import { namedInputs } from '../../src/step/step-program.ts'
import type { Task } from '../../src/step/task.ts'
import { buildTrainStep } from '../../src/step/train-step.ts'
import { stepInputs } from '../../test/step/random-model.ts'
import { describeKernel } from './kernel.ts'
import type { KernelWork } from './kernel.ts'
import type { Measured } from './machine.ts'

export type KernelProfile = Measured & Pick<KernelWork, 'label' | 'kind'>

/** Milliseconds that the steps of a profile take together, and the fewest of them. */
const [ENOUGH_MS, FEWEST] = [1000, 10]

export function profileStep(task: Task, batch: number, native: Native | undefined): KernelProfile[] {
  const step = buildTrainStep(task, batch)
  const program = optimize(step.program)
  const kernels: (readonly [KernelPlan, Schedule])[] = []
  const memory = new WebAssembly.Memory({ initial: 1, maximum: 65536, shared: true })
  const machine = wantsMachine(program) ? native?.functionsOn(memory) : undefined
  const { bytes, buffers, constants, memoryBytes } = compile(program, {
    arithmetic: 'fma',
    seed: task.seed,
    machine,
    watch: (kernel, plan) => kernels.push([kernel, plan]) - 1,
  })
  memory.grow(Math.ceil(memoryBytes / 65536))
  const write = (offset: number, numbers: Float32Array | Int32Array): void =>
    new Uint8Array(memory.buffer, offset).set(
      new Uint8Array(numbers.buffer, numbers.byteOffset, numbers.byteLength),
    )
  for (const { offset, data } of constants) write(offset, data)
  for (const [name, numbers] of namedInputs(step, stepInputs({ yaml: '', task, batch }))) {
    const buffer = buffers.get(name)
    if (buffer) write(buffer.offset, buffer.dtype === 'i32' ? Int32Array.from(numbers) : numbers)
  }
  const clock = new KernelClock(kernels.length)
  const multiply = machine && native?.load(machine).multiply()
  const env = { memory, watch: clock.watch, ...(multiply && { multiply }) }
  const { run } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env }).exports
  if (run === undefined) throw new Error('the module exports no run')
  clock.time(() => void run(0, 1))
  return kernels.map(([kernel, plan], number) => {
    const { calls, ms } = clock.of(number)
    const { operations, bytes: touched, ...names } = describeKernel(kernel, plan)
    return { ...names, ms, operations: calls * operations, bytes: calls * touched }
  })
}

const INTERRUPTIBLE_MS = 0.3

/** Milliseconds, to a microsecond, of this process, whose other threads are idle. */
function processorTime(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

/** Adds up the time since a kernel before was done; of each, its fastest step counts. */
class KernelClock {
  readonly #step: Float64Array
  readonly #fastest: Float64Array
  readonly #calls: Float64Array
  #last = 0
  #lastProcessorTime = 0

  constructor(kernels: number) {
    this.#step = new Float64Array(kernels)
    this.#fastest = new Float64Array(kernels).fill(Infinity)
    this.#calls = new Float64Array(kernels)
  }

  readonly watch = (kernel: number): void => {
    const wall = performance.now() - this.#last
    // A kernel of some length may be interrupted by other processes: only the time of this one counts.
    const ms = wall < INTERRUPTIBLE_MS ? wall : Math.min(wall, processorTime() - this.#lastProcessorTime)
    this.#step[kernel] = (this.#step[kernel] ?? 0) + ms
    this.#calls[kernel] = (this.#calls[kernel] ?? 0) + 1
    this.#start()
  }

  time(run: () => void): void {
    const started = performance.now()
    for (let steps = 0; steps < FEWEST || performance.now() - started < ENOUGH_MS; steps++) {
      this.#step.fill(0)
      this.#calls.fill(0)
      this.#start()
      run()
      for (const [i, ms] of this.#step.entries())
        this.#fastest[i] = Math.min(this.#fastest[i] ?? Infinity, ms)
    }
  }

  #start(): void {
    this.#lastProcessorTime = processorTime()
    this.#last = performance.now()
  }

  of(kernel: number): { calls: number; ms: number } {
    return { calls: this.#calls[kernel] ?? 0, ms: this.#fastest[kernel] ?? 0 }
  }
}
