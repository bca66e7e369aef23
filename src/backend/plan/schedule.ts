// A program as kernels in order: what each computes, where it reads and writes, which ones threads share.

import { sizeOf } from '../../ir/ir.ts'
import type { Program, Value } from '../../ir/ir.ts'
import { setAlone } from './alone.ts'
import { planBuffers } from './buffers.ts'
import type { BufferPlaces, Buffers } from './buffers.ts'
import { fuse } from './fuse.ts'
import type { Fusion } from './fuse.ts'
import { membersOf, planSpace } from './group.ts'
import type { AnchorOp, Group, LoopOp } from './group.ts'
import { transposeOutside } from './loop-transposes.ts'
import { bodyOf, movingYields, placesIn, planLoop, STEP_BYTES } from './loop.ts'
import type { Loop, LoopPlan } from './loop.ts'
import { moveSumsOut } from './loop-sums.ts'
import { isSharedNest, nestLoops } from './nest.ts'
import { cutProducts, updatedInputs, updatedInside } from './parts.ts'
import { matmulShape } from './products.ts'
import { simplifyReductions } from './reductions.ts'
import { rowSlicesOf } from './row-slices.ts'
import type { RowSlice } from './row-slices.ts'
import type { Space } from './space.ts'
import { settleStates } from './states.ts'

/** Abilities and needs of a back end's kernels of anchors. */
export type KernelTraits = {
  /** True if the kernel applies expressions to its results before it stores them. */
  readonly takesEpilogue: (anchor: Value<AnchorOp>) => boolean
  /** True if several threads can share the kernel. */
  readonly isShared: (anchor: Value<AnchorOp>) => boolean
  /** True if a function of numbers has a kernel of its own. */
  readonly standsAlone: (value: Value<'unary'>) => boolean
  /** Bytes of scratch memory for each thread. */
  readonly scratchBytes: (anchor: Value<AnchorOp>) => number
  /** The same for a nest. */
  readonly nestScratchBytes: (nest: Pick<KernelPlan, 'group' | 'space'> & Pick<Fusion, 'stored'>) => number
}

export type ScheduleOptions = {
  /** The largest number of threads that will run the program. */
  readonly threads: number
  /** Work up to which a kernel runs on one thread alone. */
  readonly tiny: number
  /** Byte addresses of named inputs and outputs that the caller has laid out. */
  readonly placed: ReadonlyMap<string, number>
  /** The start of the program's own buffers. */
  readonly base: number
}

export type KernelPlan = {
  readonly group: Group
  readonly space: Space
  /** Address of its scratch memory. */
  readonly scratch: number
  /** All threads run it, each its part; else thread 0 does. */
  readonly shared: boolean
  /** A loop and its body, whose memory is the kernel's scratch memory. */
  readonly loop?: LoopPlan & { readonly body: Schedule }
}

export type Schedule = Pick<Fusion, 'stored' | 'reading'> &
  Omit<Buffers, 'scratch'> & {
    /** The program as it is computed. */
    readonly program: Program
    readonly kernels: readonly KernelPlan[]
    /** In the body of a loop: values that move in memory from step to step, by some bytes. */
    readonly moving: ReadonlyMap<Value, number>
  }

export function schedule(source: Program, traits: KernelTraits, options: ScheduleOptions): Schedule {
  return placeProgram(planProgram(source, updatedInputs(source), traits, options), options)
}

/** A program as kernels that have no addresses yet. */
type PlannedProgram = {
  readonly program: Program
  readonly fusion: Fusion
  readonly kernels: readonly PlannedKernel[]
}

type PlannedKernel = Pick<KernelPlan, 'group' | 'space' | 'shared'> & {
  readonly scratchBytes: number
  readonly loop?: PlannedLoop
}

type PlannedLoop = {
  readonly loop: Loop
  readonly body: PlannedProgram
  /** The numbers of the yields that kernels write themselves. */
  readonly moving: ReadonlyMap<Value, number>
  readonly slices: readonly RowSlice[]
}

function planProgram(
  source: Program,
  updates: ReadonlySet<string>,
  traits: KernelTraits,
  options: Pick<ScheduleOptions, 'threads' | 'tiny'>,
): PlannedProgram {
  const simple = settleStates(simplifyReductions(cutProducts(transposeOutside(moveSumsOut(source)), updates)))
  const program = setAlone(simple, traits.standsAlone)
  const fusion = fuse(program, traits.takesEpilogue)
  const kernels = fusion.groups.map((group): PlannedKernel => {
    const { anchor } = group
    const space = spaceFor(group, fusion)
    if (anchor?.op === 'scan') {
      const loop = planBody(
        anchor,
        planProgram(bodyOf(anchor), updatedInside(anchor, updates), traits, options),
        options,
      )
      const shared = loop.slices.length > 0 || loop.body.kernels.some((kernel) => kernel.shared)
      return { group, space, shared, scratchBytes: placeLoop(loop, () => 0, 0).end, loop }
    }
    const isShared = (divisible: boolean): boolean => divisible && workOf(group) > options.tiny
    if (anchor === undefined) {
      const scratchBytes = options.threads * traits.nestScratchBytes({ group, space, stored: fusion.stored })
      return { group, space, shared: isShared(isSharedNest(nestLoops(group, space))), scratchBytes }
    }
    const scratchBytes = options.threads * traits.scratchBytes(anchor)
    return { group, space, shared: isShared(traits.isShared(anchor)), scratchBytes }
  })
  return { program, fusion, kernels }
}

function planBody(
  loop: Loop,
  body: PlannedProgram,
  { threads, tiny }: Pick<ScheduleOptions, 'threads' | 'tiny'>,
): PlannedLoop {
  const { program, fusion, kernels } = body
  const work = kernels.reduce((sum, { group }) => sum + workOf(group), 0)
  const slices =
    loop.steps * work > tiny ? rowSlicesOf(loop, { program, stored: fusion.stored, kernels }, threads) : []
  return { loop, body, moving: movingYields(loop, program, fusion), slices }
}

function placeProgram({ program, fusion, kernels }: PlannedProgram, places: BufferPlaces): Schedule {
  const { scratch, ...buffers } = planBuffers(program, fusion, kernels, places)
  return {
    program,
    stored: fusion.stored,
    reading: fusion.reading,
    moving: new Map([...(places.fixed ?? [])].map(([value]) => [value, 4 * sizeOf(value.shape)])),
    ...buffers,
    kernels: kernels.map(({ group, space, shared, loop }, i) => {
      const kernel = { group, space, shared, scratch: scratch[i] ?? 0 }
      return loop ? { ...kernel, loop: placeLoop(loop, buffers.addressOf, kernel.scratch).plan } : kernel
    }),
  }
}

/** Gives the body of a loop its places: its own memory begins at `base`. */
function placeLoop(
  { loop, body, moving, slices }: PlannedLoop,
  outside: (value: Value) => number,
  base: number,
): { readonly plan: LoopPlan & { readonly body: Schedule }; readonly end: number } {
  const sliced = slices.length > 0
  const placed = placeProgram(body, { ...placesIn(loop, moving, outside), base, apart: sliced })
  const addressOf = { outside, inside: placed.addressOf }
  const plan = { ...planLoop(loop, moving, body.program, addressOf), slices, body: placed }
  return sliced
    ? { plan: { ...plan, step: placed.end }, end: placed.end + slices.length * STEP_BYTES }
    : { plan, end: placed.end }
}

function spaceFor(group: Group, { stored, reading }: Fusion): Space {
  const members = new Set(membersOf(group))
  const space = planSpace(group, reading, (value) => !stored.has(value) && !members.has(value))
  if (space === undefined) throw new Error('a group has no loops')
  return space
}

/** Kernels in phases, between which threads wait for each other: one that they share, or some that thread 0 runs. */
export function phasesOf<Kernel extends { readonly shared: boolean }>(
  kernels: readonly Kernel[],
): { shared: boolean; kernels: Kernel[] }[] {
  const phases: { shared: boolean; kernels: Kernel[] }[] = []
  for (const kernel of kernels) {
    const last = phases.at(-1)
    if (last === undefined || last.shared || kernel.shared)
      phases.push({ shared: kernel.shared, kernels: [kernel] })
    else last.kernels.push(kernel)
  }
  return phases
}

function workOf({ anchor, members, size }: Group): number {
  return size * (members.size + (anchor === undefined ? 0 : workPerElement(anchor)))
}

/** About how many operations an anchor takes for each element of its result. */
function workPerElement(anchor: Value<AnchorOp | LoopOp>): number {
  switch (anchor.op) {
    case 'matmul':
      return matmulShape(anchor).depth / 4
    case 'convolution':
    case 'convolution_input_gradient':
      return sizeOf(anchor.kernel.shape.slice(0, -1)) / 4
    case 'convolution_kernel_gradient':
      return sizeOf(anchor.dy.shape.slice(0, -1)) / 4
    case 'pool':
    case 'max_pool_gradient':
    case 'average_pool_gradient':
      return sizeOf(anchor.size)
    case 'unary':
      return 2
    default:
      return 1
  }
}
