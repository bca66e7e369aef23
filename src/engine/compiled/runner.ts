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
  dispose(): void
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
    return Promise.resolve(this.#steps[module]?.(0, 1, first, last) ?? 0)
  }

  dispose(): void {
    this.#steps.length = 0
  }
}

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
  #modules = 0
  #fail: ((error: Error) => void) | undefined

  constructor(memory: WebAssembly.Memory, threads: number) {
    this.threads = threads
    this.#workers = Array.from({ length: threads }, (_, thread) => {
      const worker = new Worker(WORKER, { eval: true, workerData: { memory, thread, threads } })
      worker.on('error', (error) => this.#fail?.(error))
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
    const done = await Promise.all(
      this.#workers.map(
        (worker) =>
          new Promise<number>((resolve, reject) => {
            this.#fail = reject
            worker.ref()
            worker.once('message', (steps: number) => {
              worker.unref()
              resolve(steps)
            })
            worker.postMessage({ run: module, first, last })
          }),
      ),
    )
    return done[0] ?? 0
  }

  dispose(): void {
    for (const worker of this.#workers) void worker.terminate()
  }
}
