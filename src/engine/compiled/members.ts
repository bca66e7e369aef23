// Many models of one shape at once, such as those of several seeds: the members. They share compiled modules, which run on
// a memory of each member, and threads, each of which runs the steps of one member at a time. No thread waits for another
// within a step, and the code of a step is that of a model alone: so are its bits.

import { threadRoom } from '../address-limit.ts'
import type { MachineFunctions } from './native.ts'
import { DISPOSED, InlineRunner } from './runner.ts'
import type { Runner } from './runner.ts'
import { StepWorker } from './step-worker.ts'

/** Calls of less work run on the calling thread: a message to another one costs more. */
const INLINE_WORK = 2e7

/** Calls that a thread is given: it begins the next one while the calling thread looks at what came of the last. */
const MOST_CALLS = 2

/** A thread and the number of its calls. */
type Thread = { readonly worker: StepWorker; calls: number }

export class Members {
  readonly #most: number
  readonly #threads: Thread[] = []
  readonly #waiting: ((thread: Thread) => void)[] = []
  #opened = 0

  /** `threads`: the most members whose steps run at once. */
  constructor(threads: number) {
    this.#most = Math.min(threads, threadRoom())
  }

  /** Runs the modules of a new member on its memory. */
  runnerOn(memory: WebAssembly.Memory): Runner {
    return this.#most < 1 ? new InlineRunner(memory) : new MemberRunner(this, this.#opened++, memory)
  }

  /** Calls with the thread that has the fewest other calls, as soon as there is one that has few. */
  async onThread<T>(call: (worker: StepWorker) => Promise<T>): Promise<T> {
    const thread = await this.#take()
    try {
      return await call(thread.worker)
    } finally {
      const next = this.#waiting.shift()
      if (next) next(thread)
      else thread.calls--
    }
  }

  dispose(): void {
    this.#stop(new Error(DISPOSED))
  }

  async #take(): Promise<Thread> {
    const fewest = Math.min(...this.#threads.map(({ calls }) => calls))
    let thread = this.#threads.find(({ calls }) => calls === fewest)
    if (fewest > 0 && this.#threads.length < this.#most) {
      thread = { worker: new StepWorker((error) => this.#stop(error)), calls: 0 }
      this.#threads.push(thread)
    }
    if (thread === undefined || thread.calls >= MOST_CALLS)
      return new Promise((resolve) => this.#waiting.push(resolve))
    thread.calls++
    return thread
  }

  #stop(reason: Error): void {
    for (const { worker } of this.#threads) worker.end(reason)
  }
}

type MemberModule = {
  readonly module: WebAssembly.Module
  readonly work: number
  readonly machine: MachineFunctions | undefined
}

/** Runs the steps of one member: long calls on a thread of all members, short ones on the calling thread. */
class MemberRunner implements Runner {
  readonly sliceMs = 100
  readonly threads = 1
  waitedMs = 0
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
    this.#inline.add(module, work, machine)
    return this.#modules.push({ module, work, machine }) - 1
  }

  async run(number: number, first: number, last: number): Promise<number> {
    const called = this.#modules[number]
    if (called === undefined) throw new Error(DISPOSED)
    if (called.work * (last - first) < INLINE_WORK) return this.#inline.run(number, first, last)
    const started = performance.now()
    const { steps, ms } = await this.#members.onThread((worker) => {
      this.#send(worker)
      return worker.run(this.#model, { run: number, thread: 0, threads: 1, first, last })
    })
    this.waitedMs += performance.now() - started - ms
    return steps
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
