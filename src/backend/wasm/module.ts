import { bytesOf } from '../../bytes-of.ts'
import type { Program, Value } from '../../ir/ir.ts'
import { STEP } from '../../ir/ops/scan.ts'
import type { Arithmetic } from '../plan/arithmetic.ts'
import type { Buffer } from '../plan/buffers.ts'
import { cutOperands } from '../plan/parts.ts'
import { schedule } from '../plan/schedule.ts'
import type { KernelPlan, Schedule } from '../plan/schedule.ts'
import type { TileMachine } from '../plan/tile-machine.ts'
import type { FunctionBuilder, FunctionIndex } from './assembler/function-builder.ts'
import { ModuleBuilder } from './assembler/module-builder.ts'
import type { Partition } from './emit/partition.ts'
import { anchorTraits, emitAnchor } from './kernels/anchor.ts'
import type { AnchorOptions } from './kernels/anchor.ts'
import type { ImportedMachine } from './kernels/machine.ts'
import { emitNest } from './kernels/nest.ts'
import type { Seed } from './kernels/random.ts'
import { BARRIER_BYTES, defineBarrier, waitForAll } from './loop/barrier.ts'
import { runKernels } from './loop/kernels.ts'
import type { KernelFunction } from './loop/kernels.ts'
import { defineLoop, emitBlockCopy } from './loop/scan.ts'
import type { BodyPart } from './loop/scan.ts'
import { defineSteps } from './loop/steps.ts'
import type { StepsSpec } from './loop/steps.ts'
import { MathLibrary } from './math/library.ts'

export type CompileOptions = {
  readonly arithmetic: Arithmetic
  readonly seed: Seed
  /** A machine that multiplies tiles: called through the import `env.multiply`, see ImportedMachine. */
  readonly machine?: TileMachine | undefined
  /** The largest number of threads that will run the module. */
  readonly threads?: number
  /** Work up to which a kernel runs on one thread alone. */
  readonly tiny?: number
  /** Byte addresses of named inputs and outputs that the caller has laid out. */
  readonly placed?: ReadonlyMap<string, number>
  /** The loop around the program, given where its inputs and outputs lie: exported as `steps`. */
  readonly steps?: (buffers: ReadonlyMap<string, Buffer>) => StepsSpec
  /** The start of the program's own buffers; the bytes before `RESERVED` belong to the modules. */
  readonly base?: number
  /** Numbers the kernels: the module then calls the import `env.watch(number)` after each, in the body of a loop too. */
  readonly watch?: ((kernel: KernelPlan, plan: Schedule) => number) | undefined
  /** True for a module that one thread runs on a memory that is not shared; it writes its constants itself. */
  readonly alone?: boolean
}

export type Compiled = {
  /** A module that imports `env.memory` and exports `run(thread, threads)`. */
  readonly bytes: Uint8Array<ArrayBuffer>
  /** The place of each named input and output. */
  readonly buffers: ReadonlyMap<string, Buffer>
  /** To be written before the first run, unless the module runs alone. */
  readonly constants: readonly { readonly offset: number; readonly data: Float32Array | Int32Array }[]
  readonly memoryBytes: number
}

/** Bytes at the start of the memory that every module uses for itself. */
export const RESERVED = BARRIER_BYTES

const PAGE = 65536
const MOST_PAGES = 65536

/** Elements times operations that one thread computes before a second one could start. */
export const TINY = 65536

export function compile(source: Program, options: CompileOptions): Compiled {
  const { threads = 1, alone = false, placed = new Map(), base = RESERVED } = options
  const { tiny = alone ? Infinity : TINY } = options
  const module = new ModuleBuilder()
  const anchors = { ...options, machine: options.machine && importMachine(module, options.machine) }
  const watch = options.watch && {
    numberOf: options.watch,
    call: module.importFunction('env', 'watch', { params: ['i32'], results: [] }),
  }
  const plan = schedule(source, anchorTraits(anchors), { threads, tiny, placed, base })
  const pages = Math.ceil(plan.end / PAGE)
  module.importMemory('env', 'memory', { initial: pages, maximum: MOST_PAGES, shared: !alone })
  const barrier = alone ? module.function({ params: ['i32'], results: [] }, () => {}) : defineBarrier(module)
  const math = new MathLibrary(module, options.arithmetic)
  const kernels = defineKernels({ module, math, barrier, options: anchors, watch }, plan)
  const run = defineRun(module, kernels, barrier)
  module.export('run', run)
  if (options.steps) {
    const steps = defineSteps(module, run, barrier, options.steps(plan.named), {
      states: statesOf(plan),
      cut: new Set(cutOperands(plan.program).map((value) => plan.addressOf(value))),
    })
    module.export('steps', steps)
  }
  const constants = constantsOf(plan)
  if (alone) for (const { offset, data } of constants) module.data(offset, bytesOf(data))
  return {
    bytes: module.toBytes(),
    buffers: plan.named,
    constants,
    memoryBytes: pages * PAGE,
  }
}

function importMachine(module: ModuleBuilder, tiles: TileMachine): ImportedMachine {
  const params = ['i32', 'i32', 'i32', 'i32', 'i32'] as const
  return { tiles, call: module.importFunction('env', 'multiply', { params, results: [] }) }
}

type ModuleContext = {
  readonly module: ModuleBuilder
  readonly math: MathLibrary
  readonly barrier: FunctionIndex
  readonly options: AnchorOptions
  readonly watch:
    | {
        readonly numberOf: (kernel: KernelPlan, plan: Schedule) => number
        readonly call: FunctionIndex
      }
    | undefined
}

/** `part`: in the body of a loop, what of it. */
function defineKernels(context: ModuleContext, plan: Schedule, part?: BodyPart): KernelFunction[] {
  const { module } = context
  const kernels = plan.kernels.map((kernel) =>
    watched(context, kernel, plan, defineKernel(context, plan, kernel, part)),
  )
  if (plan.copies.length === 0) return kernels
  const copy = module.function({ params: [], results: [] }, (f) => {
    for (const each of plan.copies) emitBlockCopy(f, each, part?.slice)
  })
  return [...kernels, { index: copy, shared: false }]
}

/** The same kernel, which tells `env.watch` when it is done. */
function watched(
  { module, watch }: ModuleContext,
  kernel: KernelPlan,
  plan: Schedule,
  { index, shared }: KernelFunction,
): KernelFunction {
  if (watch === undefined) return { index, shared }
  const number = watch.numberOf(kernel, plan)
  const caller = shared
    ? module.function({ params: ['i32', 'i32'], results: [] }, (f, thread, threads) =>
        f.get(thread).get(threads).call(index).i32(number).call(watch.call),
      )
    : module.function({ params: [], results: [] }, (f) => f.call(index).i32(number).call(watch.call))
  return { index: caller, shared }
}

function defineKernel(
  context: ModuleContext,
  { program, reading, stored, addressOf: placeOf, moving }: Schedule,
  { group, space, scratch, shared, loop }: KernelPlan,
  part: BodyPart | undefined,
): KernelFunction {
  const { module, math, barrier, options } = context
  if (loop) {
    const kernelsOf = (own: BodyPart): KernelFunction[] => defineKernels(context, loop.body, own)
    const constants = constantsOf(loop.body)
    return { index: defineLoop(module, kernelsOf, barrier, { ...loop, constants, shared }), shared }
  }
  const { anchor } = group
  const step = part?.step
  const stepInput = program.inputs.get(STEP)
  const addressOf = (value: Value): number =>
    step !== undefined && value === stepInput ? step : placeOf(value)
  const scene = { module, group, space, reading, stored, math, addressOf, moving, step }
  const emit = (f: FunctionBuilder, partition?: Partition): void => {
    if (anchor === undefined || anchor.op === 'scan')
      emitNest(f, scene, { machine: options.machine, scratch }, partition)
    else emitAnchor(f, anchor, scene, options, scratch, partition)
  }
  if (!shared || part?.slice) {
    return { index: module.function({ params: [], results: [] }, (f) => emit(f, part?.slice)), shared: false }
  }
  const index = module.function({ params: ['i32', 'i32'], results: [] }, (f, thread, threads) =>
    emit(f, { thread, threads }),
  )
  return { index, shared }
}

/** Runs the kernels in order. */
function defineRun(
  module: ModuleBuilder,
  kernels: readonly KernelFunction[],
  barrier: FunctionIndex,
): FunctionIndex {
  return module.function({ params: ['i32', 'i32'], results: [] }, (f, thread, threads) => {
    runKernels(f, kernels, barrier, { thread, threads })
    waitForAll(f, barrier, threads)
  })
}

/** The numbers that the program keeps from run to run. */
function statesOf({ program: { inputs, outputs }, named }: Schedule): Buffer[] {
  return [...outputs.keys()].flatMap((name) => {
    const buffer = inputs.has(name) ? named.get(name) : undefined
    return buffer?.dtype === 'f32' ? [buffer] : []
  })
}

function constantsOf({ stored, addressOf }: Schedule): Compiled['constants'] {
  return [...stored].flatMap((value: Value) =>
    value.op === 'constant' ? [{ offset: addressOf(value), data: value.data }] : [],
  )
}
