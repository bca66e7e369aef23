import type { Program, Value } from '../../ir/ir.ts'
import type { Arithmetic } from '../plan/arithmetic.ts'
import { planBuffers } from '../plan/buffers.ts'
import type { Buffer } from '../plan/buffers.ts'
import { fuse } from '../plan/fuse.ts'
import type { Group } from '../plan/group.ts'
import { cutOperands, cutProducts } from '../plan/parts.ts'
import { simplifyReductions } from '../plan/reductions.ts'
import { ModuleBuilder } from './assembler/assembler.ts'
import type { FunctionIndex } from './assembler/assembler.ts'
import type { Scene } from './emit/expression.ts'
import { emitAnchor, isShared, scratchBytes, takesEpilogue, workPerElement } from './kernels/anchor.ts'
import { emitNest, isSharedNest } from './kernels/nest.ts'
import { BARRIER_BYTES, defineBarrier } from './loop/barrier.ts'
import { defineSteps } from './loop/steps.ts'
import type { StepsSpec } from './loop/steps.ts'
import { MathLibrary } from './math/library.ts'

export type CompileOptions = {
  readonly arithmetic: Arithmetic
  /** Of the run: keys the random streams. */
  readonly seed: number
  /** The largest number of threads that will run the module. */
  readonly threads?: number
  /** Work up to which a kernel runs on one thread alone. */
  readonly tiny?: number
  /** Byte addresses of named inputs and outputs that the caller has laid out. */
  readonly placed?: ReadonlyMap<string, number>
  /** The loop around the program, given where its inputs and outputs lie: exported as `steps`. */
  readonly steps?: (buffers: ReadonlyMap<string, Buffer>) => StepsSpec
  /** Where the program's own buffers start; the bytes before `RESERVED` belong to the modules. */
  readonly base?: number
}

export type Compiled = {
  /** A module that imports `env.memory` and exports `run(thread, threads)`. */
  readonly bytes: Uint8Array<ArrayBuffer>
  /** Where each named input and output lies. */
  readonly buffers: ReadonlyMap<string, Buffer>
  /** To be written before the first run. */
  readonly constants: readonly { readonly offset: number; readonly data: Float32Array | Int32Array }[]
  readonly memoryBytes: number
}

/** Bytes at the start of the memory that every module uses for itself. */
export const RESERVED = BARRIER_BYTES

const PAGE = 65536
const MOST_PAGES = 65536

/** Elements times operations that one thread computes before a second one could start. */
const TINY = 65536

export function compile(source: Program, options: CompileOptions): Compiled {
  const program = simplifyReductions(cutProducts(source))
  const fusion = fuse(program, takesEpilogue)
  const buffers = planBuffers(program, fusion, {
    placed: options.placed ?? new Map(),
    base: options.base ?? RESERVED,
    scratchBytes: ({ anchor }) =>
      anchor === undefined ? 0 : (options.threads ?? 1) * scratchBytes(anchor, options),
  })
  const pages = Math.ceil(buffers.end / PAGE)
  const module = new ModuleBuilder()
  module.importMemory('env', 'memory', { initial: pages, maximum: MOST_PAGES, shared: true })
  const math = new MathLibrary(module, options.arithmetic)
  const steps: Step[] = fusion.groups.map((group) => {
    const space = buffers.spaces.get(group)
    if (space === undefined) throw new Error('a group has no loops')
    const { reading, stored } = fusion
    const scene = { module, group, space, reading, stored, math, addressOf: buffers.addressOf }
    return defineKernel(module, scene, options, buffers.scratch.get(group) ?? 0)
  })
  if (buffers.copies.length > 0) {
    const copy = module.function({ params: [], results: [] }, (f) => {
      for (const { from, to, bytes } of buffers.copies) f.i32(to).i32(from).i32(bytes).memoryCopy()
    })
    steps.push({ index: copy, shared: false })
  }
  const barrier = defineBarrier(module)
  const run = defineRun(module, steps, barrier)
  module.export('run', run)
  if (options.steps) {
    module.export(
      'steps',
      defineSteps(module, run, barrier, options.steps(buffers.named), {
        states: statesOf(program, buffers.named),
        cut: new Set(cutOperands(program).map((value) => buffers.addressOf(value))),
      }),
    )
  }
  return {
    bytes: module.toBytes(),
    buffers: buffers.named,
    constants: constantsOf(fusion.stored, buffers.addressOf),
    memoryBytes: pages * PAGE,
  }
}

/** A kernel: shared ones are functions of (thread, threads), the others run on thread 0. */
type Step = { readonly index: FunctionIndex; readonly shared: boolean }

function defineKernel(module: ModuleBuilder, scene: Scene, options: CompileOptions, scratch: number): Step {
  const { group } = scene
  const shared =
    workOf(group) > (options.tiny ?? TINY) &&
    (group.anchor === undefined ? isSharedNest(scene) : isShared(group.anchor))
  const index = module.function(
    { params: shared ? ['i32', 'i32'] : [], results: [] },
    (f, thread, threads) => {
      const partition = thread === undefined || threads === undefined ? undefined : { thread, threads }
      if (group.anchor === undefined) emitNest(f, scene, partition)
      else emitAnchor(f, group.anchor, scene, options, scratch, partition)
    },
  )
  return { index, shared }
}

function workOf({ anchor, members, size }: Group): number {
  return size * (members.size + (anchor === undefined ? 0 : workPerElement(anchor)))
}

/** Runs the steps in order; between steps of different threads all of them wait for each other. */
function defineRun(module: ModuleBuilder, steps: readonly Step[], barrier: FunctionIndex): FunctionIndex {
  return module.function({ params: ['i32', 'i32'], results: [] }, (f, thread = 0, threads = 1) => {
    const wait = (): void => {
      f.get(threads).i32(1).op('i32.ne')
      f.if(() => f.get(threads).call(barrier))
    }
    for (let i = 0; i < steps.length;) {
      const step = steps[i]
      if (step === undefined) break
      if (i > 0) wait()
      if (step.shared) {
        f.get(thread).get(threads).call(step.index)
        i++
        continue
      }
      f.get(thread).op('i32.eqz')
      f.if(() => {
        for (; i < steps.length && steps[i]?.shared === false; i++) f.call(steps[i]?.index ?? 0)
      })
    }
    wait()
  })
}

/** Where the numbers lie that the program keeps from run to run. */
function statesOf({ inputs, outputs }: Program, named: ReadonlyMap<string, Buffer>): Buffer[] {
  return [...outputs.keys()].flatMap((name) => {
    const buffer = inputs.has(name) ? named.get(name) : undefined
    return buffer?.dtype === 'f32' ? [buffer] : []
  })
}

function constantsOf(stored: ReadonlySet<Value>, addressOf: (value: Value) => number): Compiled['constants'] {
  return [...stored].flatMap((value) =>
    value.op === 'constant' ? [{ offset: addressOf(value), data: value.data }] : [],
  )
}
