import { Worker } from 'node:worker_threads'

import { MULTIPLY_SOURCE } from './native.ts'
import type { MachineFunctions } from './native.ts'

/** The whole program of a worker, as text: nothing has to be found on disk when it starts. */
const PROGRAM = `
const { parentPort } = require('node:worker_threads')
const multiplyOf = ${MULTIPLY_SOURCE}
const models = new Map()
parentPort.on('message', ({ model, opens, closes, adds, run, thread, threads, first, last }) => {
  if (opens) models.set(model, { memory: opens, steps: [] })
  else if (closes) models.delete(model)
  else if (adds) {
    const { memory, steps } = models.get(model)
    // A worker that is just starting may see the memory as it was before it grew; growing by nothing corrects that.
    memory.grow(0)
    const env = { memory, ...(adds.machine && { multiply: multiplyOf(adds.machine) }) }
    steps.push(new WebAssembly.Instance(adds.module, { env }).exports.steps)
  }
  else {
    const started = performance.now()
    const steps = models.get(model).steps[run](thread, threads, first, last)
    parentPort.postMessage({ steps, ms: performance.now() - started })
  }
})
`

/** The batches first ... below last of a module, and the thread's part in them. */
export type StepCall = {
  readonly run: number
  readonly thread: number
  readonly threads: number
  readonly first: number
  readonly last: number
}

/** A worker's report on a call. */
export type WorkerAnswer = { readonly steps: number; readonly ms: number }

type PendingCall = {
  readonly resolve: (answer: WorkerAnswer) => void
  readonly reject: (reason: Error) => void
}

/** A thread that runs the `steps` of compiled modules, those of each model on a memory of its own. */
export class StepWorker {
  readonly #worker: Worker
  /** Calls without an answer, in their order. */
  readonly #pending: PendingCall[] = []
  #ended: Error | undefined

  /** `onError` is told of an error that ended the thread. */
  constructor(onError: (error: Error) => void) {
    this.#worker = new Worker(PROGRAM, { eval: true })
    this.#worker.on('error', onError)
    this.#worker.on('message', (answer: WorkerAnswer) => {
      const call = this.#pending.shift()
      if (this.#pending.length === 0) this.#worker.unref()
      call?.resolve(answer)
    })
    // A session that nobody disposed of must not keep the process alive.
    this.#worker.unref()
  }

  open(model: number, memory: WebAssembly.Memory): void {
    this.#worker.postMessage({ model, opens: memory })
  }

  /** Forgets a model and its memory. */
  close(model: number): void {
    this.#worker.postMessage({ model, closes: true })
  }

  /** Makes the next module of a model ready, with the machine code that it calls. */
  add(model: number, module: WebAssembly.Module, machine?: MachineFunctions): void {
    const sent = machine && { addresses: machine.addresses, library: machine.library }
    this.#worker.postMessage({ model, adds: { module, machine: sent } })
  }

  /** Runs one call after the other. */
  run(model: number, call: StepCall): Promise<WorkerAnswer> {
    if (this.#ended) return Promise.reject(this.#ended)
    return new Promise((resolve, reject) => {
      if (this.#pending.push({ resolve, reject }) === 1) this.#worker.ref()
      this.#worker.postMessage({ model, ...call })
    })
  }

  /** Ends the thread; calls without an answer are rejected. */
  end(reason: Error): void {
    this.#ended = reason
    for (const { reject } of this.#pending.splice(0)) reject(reason)
    void this.#worker.terminate()
  }
}
