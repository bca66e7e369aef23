// Loops over steps: where the states and the yields of a body lie. States lie in the loop's result, where the last ones
// are left. A yield that a loop nest makes is written to its place among those of all steps; others are copied there,
// what a step is given before it runs, what it makes after.

import { sizeOf } from '../../ir/ir.ts'
import type { Program, Value } from '../../ir/ir.ts'
import { nameOf, regionsOf, STEP } from '../../ir/ops/scan.ts'
import type { Region } from '../../ir/ops/scan.ts'
import type { Fusion } from './fuse.ts'
import { isAnchor, isShifted, membersOf, operandsOf, storageOf } from './group.ts'
import type { Group } from './group.ts'
import type { RowSlice } from './row-slices.ts'

export type Loop = Value<'scan'>

export type BlockCopy = { readonly from: number; readonly to: number; readonly bytes: number }

/** The copy of a yield: `outer` rows of `row` elements, to rows that are `steps` times as far apart. */
export type YieldCopy = {
  readonly from: number
  readonly to: number
  readonly outer: number
  readonly row: number
}

/** The order of a loop's steps and what is copied, as addresses. */
export type LoopPlan = {
  readonly steps: number
  readonly reverse: boolean
  /** Address of the i32 that holds the step. Of a loop in slices that of the first; they lie `STEP_BYTES` apart. */
  readonly step: number
  /** Slices of the rows, each of which runs all steps by itself; none where the steps are those of all rows. */
  readonly slices: readonly RowSlice[]
  /** Before the first step. */
  readonly initial: readonly BlockCopy[]
  /** Before and after the kernels of each step. */
  readonly before: readonly YieldCopy[]
  readonly after: readonly YieldCopy[]
}

/** Bytes between the steps of two slices: a line of the cache. */
export const STEP_BYTES = 64

/** The body without the yields that a step is given: they are copied before it changes them. */
export function bodyOf({ body, axes }: Loop): Program {
  const outputs = new Map(body.outputs)
  for (const n of axes.keys()) {
    const name = nameOf('yield', n)
    if (givenTo(body, name) !== undefined) outputs.delete(name)
  }
  return { ...body, outputs }
}

/** The input of a body that a yield is as it stands. */
function givenTo({ outputs }: Program, name: string): Value<'input'> | undefined {
  const value = outputs.get(name)
  const source = value && storageOf(value)
  return source?.op === 'input' ? source : undefined
}

/** The yields that kernels write to their place among those of all steps: by value, their numbers. */
export function movingYields(loop: Loop, program: Program, { stored, groups }: Fusion): Map<Value, number> {
  const { stacks } = regionsOf(loop)
  const still = new Set<Value>(loop.initial.flatMap((_, n) => outputOf(program, nameOf('state', n))))
  for (const value of program.values)
    if (isAnchor(value) || isShifted(value)) for (const x of operandsOf(value)) still.add(storageOf(x))
  for (const group of groups) if (group.anchor) still.add(firstStored(group, stored))
  const moving = new Map<Value, number>()
  for (const [n, axis] of loop.axes.entries()) {
    const rows = sizeOf(stacks[n]?.shape.slice(0, axis) ?? [])
    for (const value of outputOf(program, nameOf('yield', n))) {
      const made = value.op !== 'input' && !still.has(value)
      if (made && rows === 1 && sizeOf(value.shape) % 4 === 0 && !moving.has(value)) moving.set(value, n)
    }
  }
  return moving
}

function outputOf({ outputs }: Program, name: string): Value[] {
  const value = outputs.get(name)
  return value === undefined ? [] : [storageOf(value)]
}

/** The value that an anchor's kernel stores itself. */
function firstStored(group: Group, stored: ReadonlySet<Value>): Value {
  const [first] = membersOf(group).filter((member) => stored.has(member))
  if (first === undefined) throw new Error('a kernel stores nothing')
  return first
}

/** Addresses of what a body is given, by name, and of the yields that kernels write. */
export function placesIn(
  loop: Loop,
  moving: ReadonlyMap<Value, number>,
  addressOf: (value: Value) => number,
): { readonly placed: ReadonlyMap<string, number>; readonly fixed: ReadonlyMap<Value, number> } {
  const { finals, stacks } = regionsOf(loop)
  const at = (region: Region | undefined): number => addressOf(loop) + 4 * (region?.offset ?? 0)
  const placed = new Map([
    ...finals.map((region, n) => [nameOf('state', n), at(region)] as const),
    ...loop.captured.map((value, n) => [nameOf('captured', n), addressOf(value)] as const),
  ])
  return { placed, fixed: new Map([...moving].map(([value, n]) => [value, at(stacks[n])])) }
}

export function planLoop(
  loop: Loop,
  moving: ReadonlyMap<Value, number>,
  program: Program,
  addressOf: { readonly outside: (value: Value) => number; readonly inside: (value: Value) => number },
): Omit<LoopPlan, 'slices'> {
  const { finals, stacks } = regionsOf(loop)
  const at = (region: Region | undefined): number => addressOf.outside(loop) + 4 * (region?.offset ?? 0)
  const input = (name: string): number => {
    const value = program.inputs.get(name)
    return value ? addressOf.inside(value) : 0
  }
  const written = new Set(moving.values())
  const copies = loop.axes.flatMap((axis, n) => {
    const name = nameOf('yield', n)
    const value = loop.body.outputs.get(name)
    if (value === undefined || written.has(n)) return []
    // What the body makes of a state may be nothing else than the state, once it is prepared.
    const given = givenTo(loop.body, name) ?? givenTo(program, name)
    const made = program.outputs.get(name)
    const from = given ? input(given.name) : made ? addressOf.inside(made) : 0
    const outer = sizeOf(value.shape.slice(0, axis))
    const copy = { from, to: at(stacks[n]), outer, row: sizeOf(value.shape.slice(axis)) }
    return [{ copy, given: given !== undefined }]
  })
  return {
    steps: loop.steps,
    reverse: loop.reverse,
    step: input(STEP),
    initial: loop.initial.map((value, n) => ({
      from: addressOf.outside(value),
      to: at(finals[n]),
      bytes: 4 * sizeOf(value.shape),
    })),
    before: copies.filter(({ given }) => given).map(({ copy }) => copy),
    after: copies.filter(({ given }) => !given).map(({ copy }) => copy),
  }
}
