import type { Arithmetic } from '../../backend/plan/arithmetic.ts'
import type { StepsSpec } from '../../backend/wasm/loop/steps.ts'
import { compile } from '../../backend/wasm/module.ts'
import type { Compiled } from '../../backend/wasm/module.ts'
import { sizeOf } from '../../ir/ir.ts'
import type { Program } from '../../ir/ir.ts'
import { optimize } from '../../ir/passes/index.ts'
import { workOf } from '../../ir/work.ts'
import { shapeOf } from '../../model/graph.ts'
import { buildStep } from '../../step/step.ts'
import type { Task } from '../../step/task.ts'
import { buildTrainStep } from '../../step/train-step.ts'
import type { Arena } from './arena.ts'
import type { Column, Layout } from './columns.ts'
import { chooseRunner } from './runner.ts'
import type { Runner, RunnerOptions } from './runner.ts'

export type Mode = 'train' | 'evaluate' | 'predict'

export type ProgramOptions = RunnerOptions & { readonly arithmetic: Arithmetic }

/** The sums of one loss or metric over batches, in f64. */
export type Figure = { readonly name: string; readonly address: number; readonly length: number }

/** The name of the i32 that holds the address of a column, the order or an output: they lie elsewhere in each call. */
export function pointerTo(name: string): string {
  return `pointer:${name}`
}

/** The name of an output in programs. */
export function outputOf(name: string): string {
  return `output:${name}`
}

/** A module for batches of one size. */
export type Ready = {
  readonly batch: number
  readonly figures: readonly Figure[]
  /** Address of the last batch's loss. */
  readonly loss: number | undefined
  /** Runs the batches first ... below last; resolves to how many were run. */
  run(first: number, last: number): Promise<number>
}

/**
 * The compiled programs of a model: one for each mode, size of a batch and layout of the data, made when it is first
 * wanted. They run one at a time and share one region of the memory.
 */
export class Programs {
  readonly #task: Task
  readonly #arena: Arena
  readonly #options: ProgramOptions
  readonly #known = new Map<string, Ready>()
  #runner: Runner | undefined
  #region = { start: 0, end: 0 }
  /** The constants that lie in the region now. */
  #written: Compiled['constants'] | undefined

  constructor(task: Task, arena: Arena, options: ProgramOptions) {
    this.#task = task
    this.#arena = arena
    this.#options = options
  }

  /** What runs them, known when the first is made. */
  get runner(): Runner | undefined {
    return this.#runner
  }

  get(mode: Mode, batch: number, layout: Layout): Ready {
    const key = `${mode}:${batch}:${layout.key}`
    const ready = this.#known.get(key) ?? this.#make(mode, batch, layout.columns)
    this.#known.set(key, ready)
    return ready
  }

  #make(mode: Mode, batch: number, columns: readonly Column[]): Ready {
    const program = optimize(
      mode === 'train' ? buildTrainStep(this.#task, batch) : buildStep(this.#task, batch, mode),
    )
    const runner = (this.#runner ??= chooseRunner(this.#arena.memory, workOf(program), this.#options))
    for (const name of [
      'order',
      'rows',
      ...columns.map(({ input }) => input),
      ...this.#task.graph.outputs.map(outputOf),
    ]) {
      this.#arena.place(pointerTo(name), 4, 'the network')
    }
    const figures = this.#figuresOf(program)
    const { bytes, buffers, constants } = this.#compile(program, runner.threads, batch, (buffers) =>
      this.#stepsOf(buffers, figures, mode, batch, columns),
    )
    const index = runner.add(new WebAssembly.Module(bytes))
    return {
      batch,
      figures,
      loss: buffers.get('loss')?.offset,
      run: (first, last) => {
        if (this.#written !== constants) {
          for (const { offset, data } of constants) this.#arena.write(offset, data)
          this.#written = constants
        }
        return runner.run(index, first, last)
      },
    }
  }

  /** Compiles into the shared region, which grows where nothing lies behind it and else moves. */
  #compile(
    program: Program,
    threads: number,
    batch: number,
    steps: (buffers: Compiled['buffers']) => StepsSpec,
  ): Compiled {
    const { arithmetic } = this.#options
    const at = (base: number): Compiled =>
      compile(program, { arithmetic, seed: this.#task.seed, threads, placed: this.#arena.named, base, steps })
    const { start, end } = this.#region
    const inPlace = end > 0 ? at(start) : undefined
    if (inPlace !== undefined && inPlace.memoryBytes <= end) return inPlace
    const what = `the network with batches of ${batch} rows`
    if (inPlace !== undefined && end === this.#arena.top) {
      this.#arena.allocate(inPlace.memoryBytes - end, what)
      this.#region = { start, end: this.#arena.top }
      return inPlace
    }
    const base = this.#arena.top
    const moved = at(base)
    this.#arena.allocate(moved.memoryBytes - base, what)
    this.#region = { start: base, end: this.#arena.top }
    return moved
  }

  /** The losses and the sums of the metrics that a program yields. */
  #figuresOf({ outputs }: Program): Figure[] {
    return [...outputs]
      .filter(([name]) => /^(loss$|loss:|metric:)/.test(name))
      .map(([name, { shape }]) => {
        const length = sizeOf(shape)
        return { name, length, address: this.#arena.place(`total:${name}`, 8 * length, 'the figures') }
      })
  }

  #stepsOf(
    buffers: Compiled['buffers'],
    figures: readonly Figure[],
    mode: Mode,
    batch: number,
    columns: readonly Column[],
  ): StepsSpec {
    const at = (name: string): number => {
      const address = buffers.get(name)?.offset ?? this.#arena.named.get(name)
      if (address === undefined) throw new Error(`the program has no ${name}`)
      return address
    }
    const { graph } = this.#task
    return {
      batch,
      order: at(pointerTo('order')),
      ...(buffers.has('rows') && { rows: { source: at(pointerTo('rows')), target: at('rows') } }),
      gathers: columns.flatMap(({ input, storage, size, scale }) => {
        const buffer = buffers.get(input)
        if (buffer === undefined) return []
        const { offset: target, dtype: to } = buffer
        return [{ source: at(pointerTo(input)), storage, size, target, to, ...(scale && { scale }) }]
      }),
      tallies: figures.map(({ name, length, address }) => ({
        from: at(name),
        length,
        to: address,
        factor: name.startsWith('loss') ? batch : 1,
      })),
      collects:
        mode === 'predict'
          ? graph.outputs.map((name) => ({
              from: at(outputOf(name)),
              bytes: 4 * batch * sizeOf(shapeOf(graph, name)),
              target: at(pointerTo(outputOf(name))),
            }))
          : [],
      ...(mode === 'train' && {
        loss: at('loss'),
        count: { counter: at('counter'), iterations: at('iterations') },
      }),
    }
  }
}
