// The buffers of a program: how long each is needed, and which results may be written over what they are made of.

import { sizeOf } from '../../ir/ir.ts'
import type { DType, Program, Shape, Value } from '../../ir/ir.ts'
import { once } from '../../once.ts'
import type { Fusion } from './fuse.ts'
import {
  axesOf,
  hasOnePass,
  isShifted,
  membersBehind,
  membersOf,
  offsetOf,
  operandsOf,
  storageOf,
} from './group.ts'
import type { Group, LoopReading } from './group.ts'
import { placeBlocks } from './memory-plan.ts'
import type { Axes, Space } from './space.ts'

/** A named input or output in the module's memory; `offset` in bytes. */
export type Buffer = { readonly offset: number; readonly shape: Shape; readonly dtype: DType }

export type Buffers = {
  readonly named: ReadonlyMap<string, Buffer>
  readonly addressOf: (value: Value) => number
  /** Start of each kernel's own scratch memory. */
  readonly scratch: readonly number[]
  /** Results that could not be written to their place, such as new states while the old ones are read: copied at the end. */
  readonly copies: readonly { readonly from: number; readonly to: number; readonly bytes: number }[]
  readonly end: number
}

/** A group with its loops and the bytes of scratch memory that its kernel needs. */
type KernelNeeds = { readonly group: Group; readonly space: Space; readonly scratchBytes: number }

/** Memory of one or more values, the later ones written over the earlier, in use from kernel `first` to `last`. */
type BufferSlot = {
  readonly bytes: number
  readonly first: number
  last: number
  readonly fixed: number | undefined
}

export type BufferPlaces = {
  /** Byte addresses of named inputs and outputs. */
  readonly placed: ReadonlyMap<string, number>
  /** The start of the program's own buffers. */
  readonly base: number
  /** Byte addresses of values that kernels make. */
  readonly fixed?: ReadonlyMap<Value, number>
  /** No buffer takes the place of another of a different size: some kernels may be ahead of others. */
  readonly apart?: boolean
}

export function planBuffers(
  program: Program,
  fusion: Fusion,
  kernels: readonly KernelNeeds[],
  places: BufferPlaces,
): Buffers {
  const { base, apart = false } = places
  const slots = slotsOf(program, fusion, kernels, places)
  const free = [...new Set(slots.values())].filter(({ fixed }) => fixed === undefined)
  const scratch = kernels.map(({ scratchBytes: bytes }, time) => ({ bytes, first: time, last: time }))
  const blocks = [...free, ...scratch].map((block) =>
    apart ? { ...block, first: 0, last: kernels.length } : block,
  )
  const { offsets, end } = placeBlocks(blocks, base)
  const addresses = new Map(free.map((slot, i) => [slot, offsets[i] ?? 0]))
  const addressOf = (value: Value): number => {
    const slot = slots.get(storageOf(value))
    if (slot === undefined) throw new Error(`value ${value.id} (${value.op}) is not stored`)
    return (slot.fixed ?? addresses.get(slot) ?? 0) + offsetOf(value)
  }
  /** The place that a result has to be at in the end. */
  const destinationOf = (name: string, value: Value): number => {
    const input = program.inputs.get(name)
    return input === undefined ? (places.placed.get(name) ?? addressOf(value)) : addressOf(input)
  }
  const named = [
    ...Array.from(program.outputs, ([name, value]) => [name, value, destinationOf(name, value)] as const),
    ...Array.from(program.inputs, ([name, value]) => [name, value, addressOf(value)] as const),
  ].map(([name, { shape, dtype }, offset]) => [name, { offset, shape, dtype }] as const)
  const copies = [...program.outputs].flatMap(([name, value]) => {
    const [from, to] = [addressOf(value), destinationOf(name, value)]
    return from === to ? [] : [{ from, to, bytes: 4 * sizeOf(value.shape) }]
  })
  return {
    named: new Map(named),
    addressOf,
    scratch: offsets.slice(free.length),
    copies,
    end,
  }
}

/** The slots of stored values: a result may take that of what it is made of, a new state takes the old one's. */
function slotsOf(
  program: Program,
  { stored, reading }: Fusion,
  kernels: readonly KernelNeeds[],
  { placed, fixed = new Map() }: BufferPlaces,
): Map<Value, BufferSlot> {
  const reads = kernels.map(({ group, space }) => readsOf(group, space, stored, reading))
  const lastRead = lastReadsOf(program, reads)
  const slots = new Map<Value, BufferSlot>()
  const open = (value: Value, first: number, last: number, address?: number): void =>
    void slots.set(value, { bytes: 4 * sizeOf(value.shape), first, last, fixed: address })
  for (const [name, value] of program.inputs) open(value, -1, kernels.length, placed.get(name))
  for (const value of stored) if (value.op === 'constant') open(value, -1, kernels.length)

  const states = statesOf(program)
  const addresses = outputAddresses(program, placed)
  const taken = new Set<Value>()
  for (const [time, { group }] of kernels.entries()) {
    const read = reads[time] ?? noReads()
    const inOnePass = once(() => hasOnePass(group, (member) => membersBehind(group, stored, member)))
    for (const value of membersOf(group).filter((member) => stored.has(member))) {
      const last = lastRead.get(value) ?? time
      if (fixed.has(value)) {
        open(value, time, last, fixed.get(value))
        continue
      }
      const state = states.get(value)
      const isFree = (old: Value): boolean =>
        !taken.has(old) && (old === state ? (lastRead.get(old) ?? -1) <= time : slots.get(old)?.last === time)
      const address = addresses.get(value)
      const candidates = address !== undefined ? [] : state === undefined ? [...read.keys()] : [state]
      const old = candidates.find((each) => isFree(each) && isExact(group, value, each, read, inOnePass))
      const slot = old === undefined ? undefined : slots.get(old)
      if (old === undefined || slot === undefined) {
        open(value, time, last, address)
      } else {
        taken.add(old)
        slot.last = Math.max(slot.last, last)
        slots.set(value, slot)
      }
    }
  }
  return slots
}

/** The kernel that reads each value last; results are read at the end. */
function lastReadsOf(program: Program, reads: readonly Reads[]): Map<Value, number> {
  const lastRead = new Map<Value, number>()
  for (const [time, read] of reads.entries()) for (const value of read.keys()) lastRead.set(value, time)
  for (const [name, value] of program.outputs)
    if (program.inputs.get(name) !== storageOf(value)) lastRead.set(storageOf(value), reads.length)
  return lastRead
}

/** The old states of new ones. */
function statesOf({ inputs, outputs }: Program): Map<Value, Value> {
  const states = new Map<Value, Value>()
  for (const [name, value] of outputs) {
    const input = inputs.get(name)
    if (input !== undefined && storageOf(value) !== input) states.set(storageOf(value), input)
  }
  return states
}

/** The addresses at which the caller expects results that are no states. */
function outputAddresses(
  { inputs, outputs }: Program,
  placed: ReadonlyMap<string, number>,
): Map<Value, number> {
  const addresses = new Map<Value, number>()
  for (const [name, output] of outputs) {
    const [value, address] = [storageOf(output), placed.get(name)]
    const whole = sizeOf(output.shape) === sizeOf(value.shape)
    if (whole && address !== undefined && !inputs.has(name) && !addresses.has(value))
      addresses.set(value, address)
  }
  return addresses
}

/** The loops along which a group reads each stored value, undefined where it is not element by element. */
type Reads = Map<Value, (Axes | undefined)[]>

const noReads = (): Reads => new Map()

function readsOf(group: Group, space: Space, stored: ReadonlySet<Value>, reading: LoopReading): Reads {
  const reads: Reads = new Map()
  const note = (value: Value, axes: Axes | undefined): void => {
    const storage = storageOf(value)
    reads.set(storage, [...(reads.get(storage) ?? []), axes])
  }
  const visit = (value: Value, axes: Axes): void => {
    const found = reading.behind(space, value, axes)
    if (found === undefined) throw new Error('a group has no loops')
    if (group.members.has(found.value) || found.value === group.anchor) return
    if (stored.has(found.value)) note(found.value, found.axes)
    else visitOperands(found.value, found.axes)
  }
  const visitOperands = (value: Value, axes: Axes): void => {
    for (const operand of operandsOf(value)) {
      if (isShifted(value)) note(operand, undefined)
      else visit(operand, reading.operandAxes(space, value, operand, axes) ?? [])
    }
  }
  if (group.anchor !== undefined) for (const operand of operandsOf(group.anchor)) note(operand, undefined)
  for (const [member, role] of group.members) {
    visitOperands(member, member.op === 'reduce' ? space.all : axesOf(space, role))
  }
  return reads
}

/** True if a group reads `old` only at the places where it then writes `value`. */
function isExact(group: Group, value: Value, old: Value, reads: Reads, inOnePass: () => boolean): boolean {
  const size = sizeOf(old.shape)
  if (size !== sizeOf(value.shape) || value === group.anchor || !inOnePass()) return false
  return (reads.get(old) ?? []).every(
    (axes) => axes !== undefined && (size === 1 || axes.length > 0) && covers(axes, size, group),
  )
}

/** True if contiguous reads along these loops are those of a whole role of the group. */
function covers(axes: Axes, size: number, group: Group): boolean {
  const ascending = axes.every((axis, i) => i === 0 || axis > (axes[i - 1] ?? 0))
  return (
    ascending &&
    (size === group.size || size === (group.nest ? group.nest.outer * group.nest.inner : group.size))
  )
}
