import { once } from 'node:events'
import { Worker } from 'node:worker_threads'

import type { Program } from '../../../src/ir/ir.ts'
import { sizeOf } from '../../../src/ir/ir.ts'
import { relaxedSimd } from '../../../src/backend/wasm/assembler/features.ts'
import { compile } from '../../../src/backend/wasm/module.ts'
import type { CompileOptions } from '../../../src/backend/wasm/module.ts'

export const hasRelaxedSimd = relaxedSimd()

export type Numbers = Float32Array | Int32Array

const WORKER = `
  const { module, memory, thread, threads, steps } = require('node:worker_threads').workerData
  const { run } = new WebAssembly.Instance(module, { env: { memory } }).exports
  for (let step = 0; step < steps; step++) run(thread, threads)
`

/** A compiled program in a memory of its own. */
export class Execution {
  readonly #compiled
  readonly #memory: WebAssembly.Memory
  readonly #module: WebAssembly.Module
  readonly #run

  /** `instrument` makes of the compiled module the one that runs. */
  constructor(
    program: Program,
    options: Partial<CompileOptions> = {},
    instrument: (module: Uint8Array<ArrayBuffer>) => Uint8Array<ArrayBuffer> = (module) => module,
  ) {
    this.#compiled = compile(program, { arithmetic: 'mul_add', seed: 0, ...options })
    const initial = this.#compiled.memoryBytes / 65536
    this.#memory = new WebAssembly.Memory({ initial, maximum: 65536, shared: true })
    // What a kernel reads must have been written: everything else is NaN.
    new Float32Array(this.#memory.buffer).fill(NaN, 64)
    for (const { offset, data } of this.#compiled.constants) {
      new Uint8Array(this.#memory.buffer, offset).set(
        new Uint8Array(data.buffer, data.byteOffset, data.byteLength),
      )
    }
    this.#module = new WebAssembly.Module(instrument(this.#compiled.bytes))
    const { run } = new WebAssembly.Instance(this.#module, { env: { memory: this.#memory } }).exports
    if (run === undefined) throw new Error('the module exports no run')
    this.#run = run
  }

  /** Writes an input, if the program has it. */
  write(name: string, numbers: ArrayLike<number>): void {
    if (this.#compiled.buffers.has(name)) this.#view(name).set(numbers)
  }

  run(): void {
    this.#run(0, 1)
  }

  /** Runs so many steps on so many threads, which stay in step by the module's barrier alone. */
  async runOnThreads(threads: number, steps: number): Promise<void> {
    const memory = this.#memory
    const workers = Array.from({ length: threads }, (_, thread) => {
      const workerData = { module: this.#module, memory, thread, threads, steps }
      return new Worker(WORKER, { eval: true, workerData })
    })
    await Promise.all(workers.map((worker) => once(worker, 'exit')))
  }

  /** The i64 at an address (in bytes). */
  counter(address: number): number {
    return Number(new BigInt64Array(this.#memory.buffer, address, 1)[0])
  }

  read(name: string): Numbers {
    return this.#view(name).slice()
  }

  #view(name: string): Numbers {
    const buffer = this.#compiled.buffers.get(name)
    if (buffer === undefined) throw new Error(`no buffer is named ${name}`)
    const { buffer: memory } = this.#memory
    const length = sizeOf(buffer.shape)
    return buffer.dtype === 'i32'
      ? new Int32Array(memory, buffer.offset, length)
      : new Float32Array(memory, buffer.offset, length)
  }
}

/** Compiles and runs a program once. */
export function execute(
  program: Program,
  inputs: ReadonlyMap<string, ArrayLike<number>>,
  options?: Partial<CompileOptions>,
): Map<string, Numbers> {
  const execution = new Execution(program, options)
  for (const [name, numbers] of inputs) execution.write(name, numbers)
  execution.run()
  return new Map([...program.outputs.keys()].map((name) => [name, execution.read(name)]))
}
