import type { Arithmetic } from '../../backend/plan/arithmetic.ts'
import { wantsMachine } from '../../backend/plan/tile-machine.ts'
import type { StepsSpec } from '../../backend/wasm/loop/steps.ts'
import { compile } from '../../backend/wasm/module.ts'
import type { Compiled, CompileOptions } from '../../backend/wasm/module.ts'
import type { Program } from '../../ir/ir.ts'
import { sizeOf } from '../../ir/ir.ts'
import { optimize } from '../../ir/passes/index.ts'
import { workOf } from '../../ir/work.ts'
import { required, stepOutputs } from '../../step/step-program.ts'
import type { StepProgram } from '../../step/step-program.ts'
import { buildStep } from '../../step/step.ts'
import type { StepMode } from '../../step/step.ts'
import { stepKey } from '../../step/step-key.ts'
import type { Task, Unfrozen } from '../../step/task.ts'
import { buildTrainStep } from '../../step/train-step.ts'
import { withUnfrozen } from '../../step/unfrozen.ts'
import type { Accumulators } from './accumulators.ts'
import { aligned } from './arena.ts'
import type { Arena } from './arena.ts'
import type { StoredColumn, StoredLayout } from './columns.ts'
import type { Members } from './members.ts'
import type { Native } from './native.ts'
import type { Pointers } from './pointers.ts'
import { chooseRunner } from './runner.ts'
import type { Runner, RunnerOptions } from './runner.ts'
import { constantName, scalarConstants } from './shared-modules.ts'
import type { SharedModule } from './shared-modules.ts'
import type { ModelState } from './state.ts'

export type ProgramOptions = RunnerOptions & {
  readonly arithmetic: Arithmetic
  /** The models that share modules with this one, and its only thread. */
  readonly members?: Members | undefined
  /** Opens machine code, where there is some for this machine. */
  readonly native: () => Native | undefined
}

/** A module for batches of one size. */
export type ReadyProgram = {
  readonly batch: number
  /** Address of the last batch's loss. */
  readonly loss: number | undefined
  /** Runs the batches first ... below last; resolves to how many were run. */
  run(first: number, last: number): Promise<number>
}

/** A module with the numbers to be written to its memory before it runs. */
type PlacedModule = { readonly shared: SharedModule; readonly constants: Compiled['constants'] }

/** The memory that all programs of a model share. */
export type SharedMemory = {
  readonly arena: Arena
  readonly state: ModelState
  readonly pointers: Pointers
  readonly accumulators: Accumulators
}

/**
 * The compiled programs of a model: one for each mode, size of a batch and layout of the data, made when it is first
 * wanted. They run one at a time and share one region of the memory.
 */
export class Programs {
  readonly #task: Task
  readonly #memory: SharedMemory
  readonly #options: ProgramOptions
  readonly #known = new Map<string, ReadyProgram>()
  #runner: Runner | undefined
  #native: Native | undefined
  #region = { start: 0, end: 0 }
  /** The constants that lie in the region now. */
  #written: Compiled['constants'] | undefined

  constructor(task: Task, memory: SharedMemory, options: ProgramOptions) {
    this.#task = task
    this.#memory = memory
    this.#options = options
  }

  /** Runs all programs; known when the first is made. */
  get runner(): Runner | undefined {
    return this.#runner
  }

  /** The machine code that a program calls, once there is one that does. */
  get native(): Native | undefined {
    return this.#native
  }

  get(mode: StepMode, batch: number, layout: StoredLayout, unfrozen: Unfrozen = new Map()): ReadyProgram {
    const key = `${mode}:${batch}:${layout.key}:${JSON.stringify([...unfrozen])}`
    const ready = this.#known.get(key) ?? this.#make(withUnfrozen(this.#task, unfrozen), mode, batch, layout)
    this.#known.set(key, ready)
    return ready
  }

  #make(task: Task, mode: StepMode, batch: number, layout: StoredLayout): ReadyProgram {
    const { arena, accumulators } = this.#memory
    const { members, threads } = this.#options
    const build = (): StepProgram => optimizedStep(task, mode, batch)
    const step = members ? members.steps.get(stepKey(task, mode, batch), build) : build()
    const work = workOf(step.program)
    const runner = (this.#runner ??=
      members && threads === 1
        ? members.runnerOn(arena.memory)
        : chooseRunner(arena.memory, work, this.#options))
    accumulators.reserve(step)
    const native = wantsMachine(step.program) ? this.#options.native() : undefined
    this.#native ??= native
    const { shared, constants } = this.#compile(step, native, runner.threads, mode, batch, layout)
    shared.module ??= new WebAssembly.Module(shared.compiled.bytes)
    const { buffers } = shared.compiled
    const machine = shared.functions && native?.load(native.moved(shared.functions, arena.memory))
    const index = runner.add(shared.module, work, machine)
    return {
      batch,
      loss: step.loss === undefined ? undefined : required(buffers, step.loss).offset,
      run: (first, last) => {
        if (this.#written !== constants) {
          for (const { offset, data } of constants) arena.write(offset, data)
          this.#written = constants
        }
        return runner.run(index, first, last)
      },
    }
  }

  /** Compiles into the shared region, which grows where nothing lies behind it and else moves. */
  #compile(
    step: StepProgram,
    native: Native | undefined,
    threads: number,
    mode: StepMode,
    batch: number,
    layout: StoredLayout,
  ): PlacedModule {
    const { arena } = this.#memory
    const at = (base: number): PlacedModule =>
      this.#compileAt(base, step, native, threads, mode, batch, layout)
    const { start, end } = this.#region
    const inPlace = end > 0 ? at(start) : undefined
    const endOf = ({ shared }: PlacedModule): number => shared.compiled.memoryBytes
    if (inPlace !== undefined && endOf(inPlace) <= end) return inPlace
    const what = `the network with batches of ${batch} rows`
    if (inPlace !== undefined && end === arena.top) {
      arena.allocate(endOf(inPlace) - end, what)
      this.#region = { start, end: arena.top }
      return inPlace
    }
    const base = arena.top
    const moved = at(base)
    arena.allocate(endOf(moved) - base, what)
    this.#region = { start: base, end: arena.top }
    return moved
  }

  /** Compiles a step whose memory begins at `base`, or finds the module of another member for it. */
  #compileAt(
    base: number,
    step: StepProgram,
    native: Native | undefined,
    threads: number,
    mode: StepMode,
    batch: number,
    layout: StoredLayout,
  ): PlacedModule {
    const { arena, state, pointers, accumulators } = this.#memory
    const { arithmetic, members } = this.#options
    const placed = state.addressesFor(step)
    const compileProgram = (
      program: Program,
      options: Pick<CompileOptions, 'seed' | 'base'>,
    ): SharedModule => {
      const functions = native?.functionsOn(arena.memory)
      const steps = (buffers: Compiled['buffers']): StepsSpec =>
        this.#loopOf(step, buffers, mode, batch, layout.columns)
      const compiled = compile(program, {
        arithmetic,
        machine: functions,
        threads,
        placed,
        steps,
        ...options,
      })
      return { compiled, functions }
    }
    if (members === undefined) {
      const shared = compileProgram(step.program, { seed: this.#task.seed, base })
      return { shared, constants: shared.compiled.constants }
    }
    const numbers = Float32Array.from(scalarConstants(step.program), ({ data }) => data[0] ?? 0)
    for (const i of numbers.keys()) placed.set(constantName(i), base + 4 * i)
    const places = [...placed, ...pointers.all, ...accumulators.all, state.seed]
    const place = JSON.stringify([mode, batch, layout.key, arithmetic, threads, native?.vector, base, places])
    const shared = members.modules.get(step.program, place, (program) =>
      compileProgram(program, { seed: { address: state.seed }, base: base + aligned(numbers.byteLength) }),
    )
    return { shared, constants: [...shared.compiled.constants, { offset: base, data: numbers }] }
  }

  /** The loop around a step whose inputs and outputs lie in these buffers. */
  #loopOf(
    step: StepProgram,
    buffers: Compiled['buffers'],
    mode: StepMode,
    batch: number,
    columns: readonly StoredColumn[],
  ): StepsSpec {
    const { pointers, accumulators } = this.#memory
    const { outputs, loss } = stepOutputs(step, buffers)
    const addressOf = (name: string): number => required(buffers, name).offset
    const { rows, counter, iterations } = step
    return {
      batch,
      order: pointers.order,
      ...(rows !== undefined && { rows: { source: pointers.rows, target: addressOf(rows) } }),
      gathers: columns.flatMap(({ kind, name, storage, size, scale }) => {
        const input = step[kind].get(name)
        if (input === undefined) return []
        const { offset: target, dtype: to } = required(buffers, input)
        const source = required(pointers[kind], name)
        return [{ source, storage, size, target, to, ...(scale && { scale }) }]
      }),
      tallies: accumulators.tallies(step, buffers, batch),
      collects:
        mode === 'predict'
          ? Array.from(outputs, ([name, { offset, shape }]) => ({
              from: offset,
              bytes: 4 * sizeOf(shape),
              target: required(pointers.outputs, name),
            }))
          : [],
      ...(loss && mode === 'train' && { loss: loss.offset }),
      ...(counter !== undefined &&
        iterations !== undefined && {
          count: { counter: addressOf(counter), iterations: addressOf(iterations) },
        }),
    }
  }
}

function optimizedStep(task: Task, mode: StepMode, batch: number): StepProgram {
  const step = mode === 'train' ? buildTrainStep(task, batch) : buildStep(task, batch, mode)
  return { ...step, program: optimize(step.program) }
}
