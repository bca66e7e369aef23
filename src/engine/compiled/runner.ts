import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

/** Runs the `steps` of compiled modules on one memory, one call at a time. */
export interface Runner {
  /** For how long, in ms, a call may go on: a runner on the main thread must let timers and signals have their turn. */
  readonly turn: number
  readonly threads: number
  /** Makes a module ready; returns its number. */
  add(module: WebAssembly.Module): number
  /** Runs the batches first ... below last; resolves to how many were run. */
  run(module: number, first: number, last: number): Promise<number>
  /** Ends the threads; a call that still runs is rejected. */
  dispose(): void
}

export type RunnerOptions = {
  /** `auto`: by the work of a step. */
  readonly threads: number | 'auto'
  /** How many threads this machine runs at once. */
  readonly cores: number
}

/** Less work a step than this, and it runs on the calling thread. */
const INLINE_WORK = 1e6
/** Each thread of a step needs at least so much work to be worth its barriers. */
const THREAD_WORK = 4e6

/** What runs programs of so much work a step best. */
export function chooseRunner(
  memory: WebAssembly.Memory,
  work: number,
  { threads, cores }: RunnerOptions,
): Runner {
  const most = threads === 'auto' ? Math.max(1, Math.min(cores, Math.floor(work / THREAD_WORK))) : threads
  return most === 1 && work < INLINE_WORK ? new InlineRunner(memory) : new ThreadsRunner(memory, most)
}

/** Runs on the calling thread: for models so small that a message to another thread costs more than their steps. */
export class InlineRunner implements Runner {
  readonly turn = 10
  readonly threads = 1
  readonly #memory: WebAssembly.Memory
  readonly #steps: ((...args: number[]) => number)[] = []

  constructor(memory: WebAssembly.Memory) {
    this.#memory = memory
  }

  add(module: WebAssembly.Module): number {
    const { steps } = new WebAssembly.Instance(module, { env: { memory: this.#memory } }).exports
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
const { memory, thread, threads } = workerData
const modules = []
parentPort.on('message', ({ module, run, first, last }) => {
  if (module) modules.push(new WebAssembly.Instance(module, { env: { memory } }).exports.steps)
  else parentPort.postMessage(modules[run](thread, threads, first, last))
})
`

/** Runs on threads of its own, which share the work of each batch. */
export class ThreadsRunner implements Runner {
  readonly turn = 100
  readonly threads: number
  readonly #workers: readonly Worker[]
  /** Aborted by what makes further calls impossible. */
  readonly #end = new AbortController()
  #modules = 0

  constructor(memory: WebAssembly.Memory, threads: number) {
    this.threads = threads
    this.#workers = Array.from({ length: threads }, (_, thread) => {
      const worker = new Worker(WORKER, { eval: true, workerData: { memory, thread, threads } })
      // The others would wait for a thread that failed.
      worker.on('error', (error) => this.#stop(error))
      // A session that nobody disposed of must not keep the process alive.
      worker.unref()
      return worker
    })
  }

  add(module: WebAssembly.Module): number {
    for (const worker of this.#workers) worker.postMessage({ module })
    return this.#modules++
  }

  async run(module: number, first: number, last: number): Promise<number> {
    const { signal } = this.#end
    signal.throwIfAborted()
    for (const worker of this.#workers) worker.ref()
    try {
      const answers = this.#workers.map(async (worker) => {
        const message: readonly unknown[] = await once(worker, 'message', { signal })
        return Number(message[0])
      })
      for (const worker of this.#workers) worker.postMessage({ run: module, first, last })
      const [steps = 0] = await Promise.all(answers)
      return steps
    } catch (error) {
      throw signal.aborted ? signal.reason : error
    } finally {
      for (const worker of this.#workers) worker.unref()
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
