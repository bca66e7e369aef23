import { threadRoom } from '../address-limit.ts'
import type { Ranks } from '../ranks.ts'
import type { MachineFunctions } from './native.ts'
import { Pace } from './pace.ts'
import { StepWorker } from './step-worker.ts'
import type { StepCall, WorkerAnswer } from './step-worker.ts'

/** Runs the `steps` of compiled modules on one memory, one call at a time. */
export interface Runner {
  /** For how long, in ms, a call may go on: a runner on the main thread must let timers and signals have their turn. */
  readonly sliceMs: number
  /** Milliseconds that its calls have waited for a thread. */
  readonly waitedMs: number
  readonly threads: number
  /** Makes a module ready, whose steps take that much work, with the machine code that it calls; returns its number. */
  add(module: WebAssembly.Module, work: number, machine?: MachineFunctions): number
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
  /** Processes that wait for each other several times in a step. */
  readonly ranks?: Ranks | undefined
}

/** Steps of less work run on the calling thread. */
const INLINE_WORK = 1e6
/** Work that a thread needs in each step to be worth its barriers. */
const THREAD_WORK = 1e6
/** Calls of less work, about a millisecond, may run on the calling thread: messages to others take a tenth of one. */
const SHORT_CALL = 1e8

/** Chooses the best runner for programs by the work of a step. */
export function chooseRunner(
  memory: WebAssembly.Memory,
  work: number,
  { threads, cores, ranks }: RunnerOptions,
): Runner {
  const wanted = threads === 'auto' ? Math.max(1, Math.min(cores, Math.floor(work / THREAD_WORK))) : threads
  const most = Math.min(wanted, threadRoom())
  if (most < 1 || (most === 1 && (ranks !== undefined || work < INLINE_WORK))) return new InlineRunner(memory)
  return new ThreadsRunner(memory, threads === 'auto' ? powersOfTwo(most) : [most])
}

/** 1, 2, 4 ... and the limit itself. */
function powersOfTwo(limit: number): number[] {
  const powers = Array.from({ length: Math.ceil(Math.log2(limit)) }, (_, i) => 2 ** i)
  return [...powers, limit]
}

type InlineModule = {
  readonly module: WebAssembly.Module
  readonly machine: MachineFunctions | undefined
  /** Its function, once it has run. */
  steps?: (...args: number[]) => number
}

/** Runs on the calling thread: where a message to another thread would cost more than it frees this one for. */
export class InlineRunner implements Runner {
  readonly sliceMs = 10
  readonly waitedMs = 0
  readonly threads = 1
  readonly #memory: WebAssembly.Memory
  readonly #modules: InlineModule[] = []

  constructor(memory: WebAssembly.Memory) {
    this.#memory = memory
  }

  add(module: WebAssembly.Module, _work: number, machine?: MachineFunctions): number {
    return this.#modules.push({ module, machine }) - 1
  }

  run(number: number, first: number, last: number): Promise<number> {
    const called = this.#modules[number]
    if (called === undefined) return Promise.reject(new Error(DISPOSED))
    called.steps ??= this.#stepsOf(called)
    return Promise.resolve(called.steps(0, 1, first, last))
  }

  #stepsOf({ module, machine }: InlineModule): (...args: number[]) => number {
    const env = { memory: this.#memory, ...(machine && { multiply: machine.multiply() }) }
    const { steps } = new WebAssembly.Instance(module, { env }).exports
    if (steps === undefined) throw new Error('the module exports no steps')
    return steps
  }

  dispose(): void {
    this.#modules.length = 0
  }
}

export const DISPOSED = 'the session is disposed of'

/** The number of the only model of its threads. */
const MODEL = 0
/** The calling thread among numbers of threads. */
const CALLING = 0

type StepRange = Pick<StepCall, 'first' | 'last'>

/** The work of a module's steps, and the numbers of threads that suit its short calls and its long ones. */
type ThreadsModule = { readonly work: number; readonly short: Pace; readonly long: Pace }

/** Runs on threads of its own, which share the work of each batch, but for short calls where the calling thread is faster. */
export class ThreadsRunner implements Runner {
  readonly sliceMs = 100
  readonly waitedMs = 0
  readonly threads: number
  readonly #candidates: readonly number[]
  readonly #workers: readonly StepWorker[]
  readonly #inline: InlineRunner
  readonly #modules: ThreadsModule[] = []

  /** The numbers of threads to choose from, the largest last. */
  constructor(memory: WebAssembly.Memory, candidates: readonly number[]) {
    this.#candidates = candidates
    this.#inline = new InlineRunner(memory)
    this.threads = candidates.at(-1) ?? 1
    // The others would wait for a thread that failed.
    const stop = (error: Error): void => this.#stop(error)
    this.#workers = Array.from({ length: this.threads }, () => new StepWorker(stop))
    for (const worker of this.#workers) worker.open(MODEL, memory)
  }

  add(module: WebAssembly.Module, work: number, machine?: MachineFunctions): number {
    for (const worker of this.#workers) worker.add(MODEL, module, machine)
    this.#inline.add(module, work, machine)
    const [short, long] = [new Pace([CALLING, ...this.#candidates]), new Pace(this.#candidates)]
    return this.#modules.push({ work, short, long }) - 1
  }

  async run(number: number, first: number, last: number): Promise<number> {
    const called = this.#modules[number]
    if (called === undefined) throw new Error(DISPOSED)
    const { short, long, work } = called
    const isShort = work * (last - first) < SHORT_CALL
    const pace = isShort ? short : long
    let step = first
    for (const { threads, steps } of pace.plan(last - first)) {
      const started = performance.now()
      const batches = { first: step, last: step + steps }
      const ran =
        threads === CALLING
          ? await this.#runInline(number, batches)
          : await this.#share(threads, number, batches)
      // The time of messages counts in a short call; in the legs of a long one it would count too often.
      pace.record(threads, ran.steps, isShort ? performance.now() - started : ran.ms)
      step += ran.steps
      if (ran.steps < steps) break
    }
    return step - first
  }

  async #runInline(number: number, { first, last }: StepRange): Promise<WorkerAnswer> {
    const started = performance.now()
    const steps = await this.#inline.run(number, first, last)
    return { steps, ms: performance.now() - started }
  }

  /** Runs the same batches on several workers together. */
  async #share(threads: number, run: number, { first, last }: StepRange): Promise<WorkerAnswer> {
    const workers = this.#workers.slice(0, threads)
    const calls = workers.map((worker, thread) => worker.run(MODEL, { run, thread, threads, first, last }))
    const [answer] = await Promise.all(calls)
    return answer ?? { steps: 0, ms: 0 }
  }

  dispose(): void {
    this.#inline.dispose()
    this.#modules.length = 0
    this.#stop(new Error(DISPOSED))
  }

  #stop(reason: Error): void {
    for (const worker of this.#workers) worker.end(reason)
  }
}
