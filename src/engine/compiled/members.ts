// Many models of one shape at once, such as those of several seeds: the members. They share compiled modules, which run on
// a memory of each member, and threads, each of which runs the steps of one member at a time. No thread waits for another
// within a step, and the code of a step is that of a model alone: so are its bits.

import { Recent } from '../../recent.ts'
import type { StepProgram } from '../../step/step-program.ts'
import { threadRoom } from '../address-limit.ts'
import type { MachineFunctions } from './native.ts'
import { DISPOSED, InlineRunner } from './runner.ts'
import type { Runner } from './runner.ts'
import { SharedModules } from './shared-modules.ts'
import { StepWorker } from './step-worker.ts'

/** Calls of less work run on the calling thread: a message to another one costs more. */
const INLINE_WORK = 2e7

/** Steps that are kept for other members. */
const MOST_STEPS = 64

export class Members {
  readonly modules = new SharedModules()
  /** Optimized steps by the keys of their tasks. */
  readonly steps = new Recent<StepProgram>(MOST_STEPS)
  readonly #most: number
  readonly #workers: StepWorker[] = []
  readonly #free: StepWorker[] = []
  readonly #waiting: ((worker: StepWorker) => void)[] = []
  readonly #end = new AbortController()
  #opened = 0

  /** `threads`: the most members whose steps run at once. */
  constructor(threads: number) {
    this.#most = Math.min(threads, threadRoom())
  }

  /** Runs the modules of a new member on its memory. */
  runnerOn(memory: WebAssembly.Memory): Runner {
    return this.#most < 1 ? new InlineRunner(memory) : new MemberRunner(this, this.#opened++, memory)
  }

  /** Calls with a thread that no other member has at the time, as soon as there is one. */
  async onThread<T>(call: (worker: StepWorker, signal: AbortSignal) => Promise<T>): Promise<T> {
    const worker = await this.#take()
    try {
      return await call(worker, this.#end.signal)
    } finally {
      const next = this.#waiting.shift()
      if (next) next(worker)
      else this.#free.push(worker)
    }
  }

  dispose(): void {
    this.#stop(new Error(DISPOSED))
  }

  #take(): Promise<StepWorker> {
    const free = this.#free.pop()
    if (free) return Promise.resolve(free)
    if (this.#workers.length >= this.#most) return new Promise((resolve) => this.#waiting.push(resolve))
    const worker = new StepWorker((error) => this.#stop(error))
    this.#workers.push(worker)
    return Promise.resolve(worker)
  }

  #stop(reason: Error): void {
    this.#end.abort(reason)
    for (const worker of this.#workers) worker.end()
  }
}

type MemberModule = {
  readonly module: WebAssembly.Module
  readonly work: number
  readonly machine: MachineFunctions | undefined
  /** Its number among those of the calling thread, once it runs there. */
  inline?: number
}

/** Runs the steps of one member: long calls on a thread of all members, short ones on the calling thread. */
class MemberRunner implements Runner {
  readonly sliceMs = 100
  readonly threads = 1
  readonly #members: Members
  readonly #model: number
  readonly #memory: WebAssembly.Memory
  readonly #inline: InlineRunner
  readonly #modules: MemberModule[] = []
  /** The number of modules that each worker has. */
  readonly #sent = new Map<StepWorker, number>()

  constructor(members: Members, model: number, memory: WebAssembly.Memory) {
    this.#members = members
    this.#model = model
    this.#memory = memory
    this.#inline = new InlineRunner(memory)
  }

  add(module: WebAssembly.Module, work: number, machine?: MachineFunctions): number {
    return this.#modules.push({ module, work, machine }) - 1
  }

  async run(number: number, first: number, last: number): Promise<number> {
    const called = this.#modules[number]
    if (called === undefined) throw new Error(DISPOSED)
    const { module, work, machine } = called
    if (work * (last - first) < INLINE_WORK) {
      called.inline ??= this.#inline.add(module, work, machine)
      return this.#inline.run(called.inline, first, last)
    }
    return this.#members.onThread(async (worker, signal) => {
      this.#send(worker)
      const call = { run: number, thread: 0, threads: 1, first, last }
      return (await worker.run(this.#model, call, signal)).steps
    })
  }

  dispose(): void {
    this.#inline.dispose()
    this.#modules.length = 0
    for (const worker of this.#sent.keys()) worker.close(this.#model)
  }

  /** Sends a worker the modules that it has not got yet. */
  #send(worker: StepWorker): void {
    const sent = this.#sent.get(worker)
    if (sent === undefined) worker.open(this.#model, this.#memory)
    for (const { module, machine } of this.#modules.slice(sent)) worker.add(this.#model, module, machine)
    this.#sent.set(worker, this.#modules.length)
  }
}
