// Which buffers a program needs and for how long, and which results may be written over what they are made of.

import { sizeOf } from '../../ir/ir.ts'
import type { DType, Program, Shape, Value } from '../../ir/ir.ts'
import type { Fusion } from './fuse.ts'
import {
  axesOf,
  isShifted,
  membersBehind,
  membersOf,
  operandsOf,
  passesOf,
  planSpace,
  storageOf,
} from './group.ts'
import type { Group } from './group.ts'
import { placeBlocks } from './memory-plan.ts'
import type { Axes, Space } from './space.ts'

/** A named input or output in the module's memory; `offset` in bytes. */
export type Buffer = { readonly offset: number; readonly shape: Shape; readonly dtype: DType }

export type Buffers = {
  readonly named: ReadonlyMap<string, Buffer>
  readonly addressOf: (value: Value) => number
  readonly spaces: ReadonlyMap<Group, Space>
  /** Start of each group's own scratch memory. */
  readonly scratch: ReadonlyMap<Group, number>
  /** New states that could not be written in place, to be copied at the end. */
  readonly copies: readonly { readonly from: number; readonly to: number; readonly bytes: number }[]
  readonly end: number
}

export type Placement = {
  /** Byte addresses of named inputs and outputs that the caller has laid out. */
  readonly placed: ReadonlyMap<string, number>
  /** Where the program's own buffers start. */
  readonly base: number
  readonly scratchBytes: (group: Group) => number
}

type Slot = { bytes: number; first: number; last: number; fixed: number | undefined }

export function planBuffers(program: Program, fusion: Fusion, placement: Placement): Buffers {
  const { groups, stored } = fusion
  const end = groups.length
  const spaces = new Map(groups.map((group) => [group, spaceFor(group, fusion)]))
  const reads = groups.map((group) => readsOf(group, fusion, spaces.get(group)))
  const lastRead = new Map<Value, number>()
  reads.forEach((found, time) => [...found.keys()].forEach((value) => lastRead.set(value, time)))
  for (const [name, value] of program.outputs) {
    const storage = storageOf(value)
    if (program.inputs.get(name) !== storage) lastRead.set(storage, end)
  }

  const slots = new Map<Value, Slot>()
  const open = (value: Value, first: number, last: number, fixed?: number): Slot => {
    const slot = { bytes: 4 * sizeOf(value.shape), first, last, fixed }
    slots.set(value, slot)
    return slot
  }
  for (const [name, value] of program.inputs) open(value, -1, end, placement.placed.get(name))
  for (const value of stored) if (value.op === 'constant') open(value, -1, end)

  const states = new Map<Value, Value>()
  for (const [name, value] of program.outputs) {
    const input = program.inputs.get(name)
    if (input !== undefined && storageOf(value) !== input) states.set(storageOf(value), input)
  }
  const taken = new Set<Value>()
  for (const [time, group] of groups.entries()) {
    const made = membersOf(group).filter((member) => stored.has(member))
    for (const value of made) {
      const last = lastRead.get(value) ?? time
      const input = states.get(value)
      const over = input === undefined ? [...(reads[time]?.keys() ?? [])] : [input]
      const place = over.find((old) => {
        const slot = slots.get(old)
        const free = old === input ? (lastRead.get(old) ?? -1) <= time : slot?.last === time
        return free && !taken.has(old) && isExact(group, value, old, reads[time], stored)
      })
      const slot = place === undefined ? undefined : slots.get(place)
      if (place !== undefined && slot !== undefined) {
        taken.add(place)
        slot.last = Math.max(slot.last, last)
        slots.set(value, slot)
      } else {
        open(value, time, last, outputAddress(program, value, placement))
      }
    }
  }

  const free = [...new Set(slots.values())].filter(({ fixed }) => fixed === undefined)
  const scratches = groups.map((group, time) => ({
    bytes: placement.scratchBytes(group),
    first: time,
    last: time,
  }))
  const { offsets, end: top } = placeBlocks([...free, ...scratches], placement.base)
  const addresses = new Map(free.map((slot, i) => [slot, offsets[i] ?? 0]))
  const addressOf = (value: Value): number => {
    const slot = slots.get(storageOf(value))
    if (slot === undefined) throw new Error(`value ${value.id} (${value.op}) is not stored`)
    return slot.fixed ?? addresses.get(slot) ?? 0
  }
  const named = new Map<string, Buffer>()
  const describe = (name: string, value: Value): void =>
    void named.set(name, { offset: addressOf(value), shape: value.shape, dtype: value.dtype })
  for (const [name, value] of program.outputs) describe(name, value)
  for (const [name, value] of program.inputs) describe(name, value)
  const copies = [...program.outputs].flatMap(([name, value]) => {
    const input = program.inputs.get(name)
    if (input === undefined || addressOf(value) === addressOf(input)) return []
    return [{ from: addressOf(value), to: addressOf(input), bytes: 4 * sizeOf(value.shape) }]
  })
  return {
    named,
    addressOf,
    spaces,
    scratch: new Map(groups.map((group, i) => [group, offsets[free.length + i] ?? 0])),
    copies,
    end: top + overrun(fusion, spaces),
  }
}

/**
 * Bytes that reads may reach beyond the last buffer: the last block of columns may be cut short, and lanes that are no
 * columns are read nevertheless, at the stride of a transposed tensor.
 */
function overrun({ stored }: Fusion, spaces: ReadonlyMap<Group, Space>): number {
  const cut = [...spaces].some(([group, space]) => {
    const columns = space.size(space.segment(2).at(-1) ?? -1)
    return group.nest !== undefined && columns > 16 && columns % 4 !== 0
  })
  return cut ? Math.max(0, ...[...stored].map((value) => sizeOf(value.shape))) : 0
}

/** Where the caller wants a result that is no state. */
function outputAddress(program: Program, value: Value, { placed }: Placement): number | undefined {
  for (const [name, output] of program.outputs) {
    if (storageOf(output) === value && !program.inputs.has(name) && placed.has(name)) return placed.get(name)
  }
  return undefined
}

function spaceFor(group: Group, fusion: Fusion): Space {
  const inlined = (value: Value): boolean => !fusion.stored.has(value) && !membersOf(group).includes(value)
  const space = planSpace(group, fusion.reading, inlined)
  if (space === undefined) throw new Error('a group has no loops')
  return space
}

/** How a group reads a stored value: along which loops, or undefined where it is not element by element. */
type Reads = Map<Value, (Axes | undefined)[]>

function readsOf(group: Group, { reading, stored }: Fusion, space: Space | undefined): Reads {
  const reads: Reads = new Map()
  if (space === undefined) return reads
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

/** Whether a group reads `old` only where it then writes `value`. */
function isExact(
  group: Group,
  value: Value,
  old: Value,
  reads: Reads | undefined,
  stored: ReadonlySet<Value>,
): boolean {
  if (sizeOf(old.shape) !== sizeOf(value.shape)) return false
  if (group.anchor !== undefined && value === group.anchor) return false
  const passes = passesOf(group, (member) => membersBehind(group, stored, member))
  if ([...passes.values()].some((pass) => pass > 0)) return false
  const size = sizeOf(old.shape)
  return (reads?.get(old) ?? []).every(
    (axes) => axes !== undefined && (size === 1 || axes.length > 0) && covers(axes, size, group),
  )
}

/** Whether contiguous reads along these loops are those of a whole role of the group. */
function covers(axes: Axes, size: number, group: Group): boolean {
  const ascending = axes.every((axis, i) => i === 0 || axis > (axes[i - 1] ?? 0))
  return (
    ascending &&
    (size === group.size || size === (group.nest ? group.nest.outer * group.nest.inner : group.size))
  )
}
