import type { Arithmetic } from '../../backend/plan/arithmetic.ts'
import { wantsMachine } from '../../backend/plan/tile-machine.ts'
import type { StepsSpec } from '../../backend/wasm/loop/steps.ts'
import { compile } from '../../backend/wasm/module.ts'
import type { Compiled, CompileOptions } from '../../backend/wasm/module.ts'
import type { Program } from '../../ir/ir.ts'
import { sizeOf } from '../../ir/ir.ts'
import { optimize } from '../../ir/passes/index.ts'
import { workOf } from '../../ir/work.ts'
import { Recent } from '../../recent.ts'
import { buildMaskCount, buildPart, buildPartsUpdate, partsOf, updatesByNumber } from '../../step/parts.ts'
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
import type { StoredLayout } from './columns.ts'
import type { Members } from './members.ts'
import type { Native } from './native.ts'
import { StepsInParts } from './parts.ts'
import type { PartsSum } from './parts.ts'
import type { Pointers } from './pointers.ts'
import type { ReadyProgram } from './ready-program.ts'
import { Reduction } from './reduction.ts'
import { chooseRunner } from './runner.ts'
import type { Runner, RunnerOptions } from './runner.ts'
import { constantName, scalarConstants, SharedModules } from './shared-modules.ts'
import type { SharedModule } from './shared-modules.ts'
import { Sharing } from './sharing.ts'
import { SlicedState, slicesOf } from './slices.ts'
import type { ModelState } from './state.ts'
import { SumPlaces } from './sum-places.ts'

export type ProgramOptions = RunnerOptions & {
  readonly arithmetic: Arithmetic
  /** The models that share modules with this one, and its only thread. */
  readonly members?: Members | undefined
  /** Opens machine code, where there is some for this machine. */
  readonly native: () => Native | undefined
}

/** Steps that are kept for other models of this process, and places in memory at which the modules of each are kept. */
const [MOST_STEPS, MOST_PLACES] = [64, 4]

/** Optimized steps by the keys of their tasks. */
const recentSteps = new Recent<StepProgram>(MOST_STEPS)

/** The modules of all members of this process: a second search of the same model compiles nothing again. */
const sharedModules = new SharedModules()

/** The modules of other models by their steps, and by all else that is compiled into them. */
const recentModules = new WeakMap<Program, Recent<SharedModule>>()

function modulesOf(program: Program): Recent<SharedModule> {
  const modules = recentModules.get(program) ?? new Recent(MOST_PLACES)
  recentModules.set(program, modules)
  return modules
}

/** A module with the numbers to be written to its memory before it runs. */
type PlacedModule = { readonly shared: SharedModule; readonly constants: Compiled['constants'] }

/** The sums over the parts of all ranks. */
type SharedSums = {
  readonly places: SumPlaces
  readonly reduction?: Reduction
  readonly sliced?: SlicedState
}

/** The batches that a program runs on. */
type ProgramUse = {
  readonly mode: StepMode
  readonly batch: number
  readonly layout: StoredLayout
  /** Addresses of what lies elsewhere than what is kept does, by the names in the program. */
  readonly placed?: ReadonlyMap<string, number>
}

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
  readonly #sums = new Map<string, SharedSums>()
  /** The state of which the other ranks lack this rank's slots, and this rank theirs. */
  #sliced: SlicedState | undefined
  #partCounter: number | undefined
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
    const trained = unfrozen.size === 0 ? '' : JSON.stringify([...unfrozen])
    const key = `${mode}:${batch}:${layout.key}:${trained}`
    const ready = this.#known.get(key) ?? this.#make(mode, batch, layout, unfrozen)
    this.#known.set(key, ready)
    return ready
  }

  /** Brings the slots of all ranks up to date, which call it together. */
  async completeSlots(): Promise<void> {
    await this.#sliced?.shareSlots()
    this.#sliced = undefined
  }

  #make(mode: StepMode, batch: number, layout: StoredLayout, unfrozen: Unfrozen): ReadyProgram {
    const task = withUnfrozen(this.#task, unfrozen)
    const { ranks } = this.#options
    const { parts = 1 } = task
    if (mode === 'train' && parts > 1) return this.#inParts(task, new Sharing(parts, ranks), batch, layout)
    const build = (): StepProgram =>
      optimized(mode === 'train' ? buildTrainStep(task, batch) : buildStep(task, batch, mode))
    return this.#ready(recentSteps.get(stepKey(task, mode, batch), build), { mode, batch, layout })
  }

  #inParts(task: Task, sharing: Sharing, batch: number, layout: StoredLayout): ReadyProgram {
    const { arena, state, pointers } = this.#memory
    const sizes = new Set(partsOf(batch, sharing.parts).map(({ from, end }) => end - from))
    const rows = [...sizes].filter((size) => size > 0)
    const counts = rows.flatMap((size) => buildMaskCount(task, size, batch) ?? [])
    const steps = rows.map((size) => buildPart(task, size, batch))
    const [count, step] = [counts[0], steps[0]]
    if (step === undefined) throw new Error('a batch has a row')
    const counter = (this.#partCounter ??= arena.allocate(4, 'the network'))
    const sumOf = (
      programs: readonly StepProgram[],
      { places, reduction }: SharedSums,
      kept?: SharedSums,
    ): PartsSum => ({
      places,
      reduction,
      programs: new Map(
        programs.map((program, i) => {
          const placed = new Map([
            ...places.addressesOfShares(program),
            ...(kept?.places.addressesOfTotals(program) ?? []),
            ...(program.counter === undefined ? [] : [[program.counter, counter] as const]),
          ])
          const size = rows[i] ?? 0
          return [size, this.#ready(optimized(program), { mode: 'train', batch: size, layout, placed })]
        }),
      ),
    })
    const kept = count && this.#sumsOf(count, sharing)
    const sums = this.#sumsOf(step, sharing)
    const whole = buildPartsUpdate(task, step)
    const sliced = updatesByNumber(whole) ? sums.sliced : undefined
    const pieces = sliced?.own
    const update = pieces ? buildPartsUpdate(task, step, pieces) : whole
    const placed = new Map([
      ...sums.places.addressesOfTotals(update, pieces),
      ...state.pieceAddressesFor(update, pieces ?? []),
    ])

    const inParts = new StepsInParts({
      batch,
      sharing,
      arena,
      sums: [...(kept ? [sumOf(counts, kept)] : []), sumOf(steps, sums, kept)],
      update: this.#ready(optimized(update), { mode: 'train', batch, layout, placed }),
      sliced,
      counters: { steps: state.counter, parts: counter },
      pointers: [pointers.order, pointers.rows],
    })
    return {
      batch,
      loss: inParts.loss,
      run: async (first, last) => {
        if (this.#sliced !== sliced) await this.completeSlots()
        this.#sliced = sliced
        return inParts.run(first, last)
      },
    }
  }

  /** The sums over parts, which all sizes of batches share. */
  #sumsOf(part: StepProgram, sharing: Sharing): SharedSums {
    const key = [...part.shares.keys(), ...part.gradientShares.keys()].join('\n')
    const sums = this.#sums.get(key) ?? this.#makeSums(part, sharing)
    this.#sums.set(key, sums)
    return sums
  }

  #makeSums(part: StepProgram, sharing: Sharing): SharedSums {
    const { arena, state } = this.#memory
    const { ranks } = sharing
    const places = new SumPlaces(arena, part, sharing)
    if (ranks === undefined) return { places }
    const slices = slicesOf(places.layout, ranks.size)
    return {
      places,
      reduction: new Reduction(arena, places, sharing, slices, ranks),
      sliced: new SlicedState(arena, state, slices, ranks),
    }
  }

  /** Makes an optimized step ready to run. */
  #ready(step: StepProgram, use: ProgramUse): ReadyProgram {
    const { arena, accumulators } = this.#memory
    const { members, threads } = this.#options
    const work = workOf(step.program)
    const runner = (this.#runner ??=
      members && threads === 1
        ? members.runnerOn(arena.memory)
        : chooseRunner(arena.memory, work, this.#options))
    accumulators.reserve(step)
    const native = wantsMachine(step.program) ? this.#options.native() : undefined
    this.#native ??= native
    const { shared, constants } = this.#compile(step, native, runner.threads, use)
    shared.module ??= new WebAssembly.Module(shared.compiled.bytes)
    const { buffers } = shared.compiled
    const machine = shared.functions && native?.load(native.moved(shared.functions, arena.memory))
    const index = runner.add(shared.module, work, machine)
    return {
      batch: use.batch,
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
  #compile(step: StepProgram, native: Native | undefined, threads: number, use: ProgramUse): PlacedModule {
    const { arena } = this.#memory
    const at = (base: number): PlacedModule => this.#compileAt(base, step, native, threads, use)
    const { start, end } = this.#region
    const inPlace = end > 0 ? at(start) : undefined
    const endOf = ({ shared }: PlacedModule): number => shared.compiled.memoryBytes
    if (inPlace !== undefined && endOf(inPlace) <= end) return inPlace
    const what = `the network with batches of ${use.batch} rows`
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

  /** Compiles a step whose memory begins at `base`, or finds the module of another model for it. */
  #compileAt(
    base: number,
    step: StepProgram,
    native: Native | undefined,
    threads: number,
    use: ProgramUse,
  ): PlacedModule {
    const { arena, state, pointers, accumulators } = this.#memory
    const { arithmetic, members } = this.#options
    const placed = new Map([...state.addressesFor(step), ...(use.placed ?? [])])
    const compileProgram = (
      program: Program,
      options: Pick<CompileOptions, 'seed' | 'base'>,
    ): SharedModule => {
      const functions = native?.functionsOn(arena.memory)
      const steps = (buffers: Compiled['buffers']): StepsSpec => this.#loopOf(step, buffers, use)
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
    const placeOf = (...more: readonly number[]): string =>
      JSON.stringify([
        use.mode,
        use.batch,
        use.layout.key,
        arithmetic,
        threads,
        native?.vector,
        base,
        [...placed, ...pointers.all, ...accumulators.all, state.counter, ...more],
      ])
    if (members === undefined) {
      const { seed } = this.#task
      const shared = modulesOf(step.program).get(placeOf(seed), () =>
        compileProgram(step.program, { seed, base }),
      )
      return { shared, constants: shared.compiled.constants }
    }
    const numbers = Float32Array.from(scalarConstants(step.program), ({ data }) => data[0] ?? 0)
    for (const i of numbers.keys()) placed.set(constantName(i), base + 4 * i)
    const shared = sharedModules.get(step.program, placeOf(state.seed), (program) =>
      compileProgram(program, { seed: { address: state.seed }, base: base + aligned(numbers.byteLength) }),
    )
    return { shared, constants: [...shared.compiled.constants, { offset: base, data: numbers }] }
  }

  /** The loop around a step whose inputs and outputs lie in these buffers. */
  #loopOf(
    step: StepProgram,
    buffers: Compiled['buffers'],
    { mode, batch, layout: { columns } }: ProgramUse,
  ): StepsSpec {
    const { pointers, accumulators, state } = this.#memory
    const { outputs, loss } = stepOutputs(step, buffers)
    const addressOf = (name: string): number => required(buffers, name).offset
    const { rows, iterations } = step
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
      negligible: new Map(
        Array.from(step.assignments.slots, ([key, slot]) => [addressOf(slot), state.negligible.get(key)]),
      ),
      ...(iterations !== undefined && {
        count: { counter: state.counter, iterations: addressOf(iterations) },
      }),
    }
  }
}

function optimized(step: StepProgram): StepProgram {
  return { ...step, program: optimize(step.program) }
}
