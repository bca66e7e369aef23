import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

import { threadRoom } from '../address-limit.ts'
import { MULTIPLY_SOURCE } from './native.ts'
import type { MachineFunctions } from './native.ts'
import { Pace } from './pace.ts'

/** Runs the `steps` of compiled modules on one memory, one call at a time. */
export interface Runner {
  /** For how long, in ms, a call may go on: a runner on the main thread must let timers and signals have their turn. */
  readonly sliceMs: number
  readonly threads: number
  /** Makes a module ready, with the machine code that it calls; returns its number. */
  add(module: WebAssembly.Module, machine?: MachineFunctions): number
  /** Runs the batches first ... below last; resolves to how many were run. */
  run(module: number, first: number, last: number): Promise<number>
  /** Ends the threads; a call that still runs is rejected. */
  dispose(): void
}

export type RunnerOptions = {
  /** `auto`: by the work of a step. */
  readonly threads: number | 'auto'
  /** Number of threads that this machine runs at once. */
  readonly cores: number
}

/** Steps of less work run on the calling thread. */
const INLINE_WORK = 1e6
/** Work that a thread needs in each step to be worth its barriers. */
const THREAD_WORK = 1e6

/** Chooses the best runner for programs by the work of a step. */
export function chooseRunner(
  memory: WebAssembly.Memory,
  work: number,
  { threads, cores }: RunnerOptions,
): Runner {
  const wanted = threads === 'auto' ? Math.max(1, Math.min(cores, Math.floor(work / THREAD_WORK))) : threads
  const most = Math.min(wanted, threadRoom())
  if (most < 1 || (most === 1 && work < INLINE_WORK)) return new InlineRunner(memory)
  return new ThreadsRunner(memory, threads === 'auto' ? powersOfTwo(most) : [most])
}

/** 1, 2, 4 ... and the limit itself. */
function powersOfTwo(limit: number): number[] {
  const powers = Array.from({ length: Math.ceil(Math.log2(limit)) }, (_, i) => 2 ** i)
  return [...powers, limit]
}

/** Runs on the calling thread: for models so small that a message to another thread costs more than their steps. */
export class InlineRunner implements Runner {
  readonly sliceMs = 10
  readonly threads = 1
  readonly #memory: WebAssembly.Memory
  readonly #steps: ((...args: number[]) => number)[] = []

  constructor(memory: WebAssembly.Memory) {
    this.#memory = memory
  }

  add(module: WebAssembly.Module, machine?: MachineFunctions): number {
    const env = { memory: this.#memory, ...(machine && { multiply: machine.multiply() }) }
    const { steps } = new WebAssembly.Instance(module, { env }).exports
    if (steps === undefined) throw new Error('the module exports no steps')
    return this.#steps.push(steps) - 1
  }

  run(module: number, first: number, last: number): Promise<number> {
    const steps = this.#steps[module]
    return steps ? Promise.resolve(steps(0, 1, first, last)) : Promise.reject(new Error(DISPOSED))
  }

  dispose(): void {
    this.#steps.length = 0
  }
}

const DISPOSED = 'the session is disposed of'

/** The whole program of a worker, as text: nothing has to be found on disk when it starts. */
const WORKER = `
const { parentPort, workerData } = require('node:worker_threads')
const { memory, thread } = workerData
const multiplyOf = ${MULTIPLY_SOURCE}
const modules = []
parentPort.on('message', ({ module, machine, run, threads, first, last }) => {
  if (module) {
    // A worker that is just starting may see the memory as it was before it grew; growing by nothing corrects that.
    memory.grow(0)
    const env = { memory, ...(machine && { multiply: multiplyOf(machine) }) }
    modules.push(new WebAssembly.Instance(module, { env }).exports.steps)
  }
  else {
    const started = performance.now()
    const steps = modules[run](thread, threads, first, last)
    parentPort.postMessage({ steps, ms: performance.now() - started })
  }
})
`

/** A worker's report on a call. */
type WorkerAnswer = { readonly steps: number; readonly ms: number }

/** Runs on threads of its own, which share the work of each batch. */
export class ThreadsRunner implements Runner {
  readonly sliceMs = 100
  readonly threads: number
  readonly #candidates: readonly number[]
  readonly #workers: readonly Worker[]
  /** Aborted by what makes further calls impossible. */
  readonly #end = new AbortController()
  /** One for each module. */
  readonly #paces: Pace[] = []

  /** The numbers of threads to choose from, the largest last. */
  constructor(memory: WebAssembly.Memory, candidates: readonly number[]) {
    this.#candidates = candidates
    this.threads = candidates.at(-1) ?? 1
    this.#workers = Array.from({ length: this.threads }, (_, thread) => {
      const worker = new Worker(WORKER, { eval: true, workerData: { memory, thread } })
      // The others would wait for a thread that failed.
      worker.on('error', (error) => this.#stop(error))
      // A session that nobody disposed of must not keep the process alive.
      worker.unref()
      return worker
    })
  }

  add(module: WebAssembly.Module, machine?: MachineFunctions): number {
    const sent = machine && { addresses: machine.addresses, library: machine.library }
    for (const worker of this.#workers) worker.postMessage({ module, machine: sent })
    return this.#paces.push(new Pace(this.#candidates)) - 1
  }

  async run(module: number, first: number, last: number): Promise<number> {
    const pace = this.#paces[module]
    let step = first
    for (const leg of pace?.plan(last - first) ?? []) {
      const { steps, ms } = await this.#share(leg.threads, {
        run: module,
        first: step,
        last: step + leg.steps,
      })
      pace?.record(leg.threads, steps, ms)
      step += steps
      if (steps < leg.steps) break
    }
    return step - first
  }

  /** Runs the same batches on several workers together. */
  async #share(threads: number, call: { run: number; first: number; last: number }): Promise<WorkerAnswer> {
    const { signal } = this.#end
    signal.throwIfAborted()
    const workers = this.#workers.slice(0, threads)
    for (const worker of workers) worker.ref()
    try {
      const answers = workers.map(async (worker) => {
        const message: readonly WorkerAnswer[] = await once(worker, 'message', { signal })
        return message[0]
      })
      for (const worker of workers) worker.postMessage({ ...call, threads })
      const [answer] = await Promise.all(answers)
      return answer ?? { steps: 0, ms: 0 }
    } catch (error) {
      throw signal.aborted ? signal.reason : error
    } finally {
      for (const worker of workers) worker.unref()
    }
  }

  dispose(): void {
    this.#stop(new Error(DISPOSED))
  }

  #stop(reason: Error): void {
    this.#end.abort(reason)
    for (const worker of this.#workers) void worker.terminate()
  }
}
