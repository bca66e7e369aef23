import { Builder } from '../builder.ts'
import { copyLive } from '../copy.ts'
import { sizeOf } from '../ir.ts'
import type { Operation, Program, Value } from '../ir.ts'
import { operands } from '../ops/index.ts'
import { nameOf, regionsOf, STEP } from '../ops/scan.ts'
import type { Region } from '../ops/scan.ts'
import { outputsOf, replay } from './rewrite.ts'

/** Leaves out the states, yields and captured values of loops that no result needs. */
export function trimLoops(program: Program): Program {
  const read = readParts(program)
  const trims = new Map<Value, Trim>()
  for (const [loop, parts] of read) {
    const trim = trimOf(loop, parts)
    if (trim !== undefined) trims.set(loop, trim)
  }
  if (trims.size === 0) return program
  const b = new Builder()
  const loops = new Map<Value, Value>()
  const copies = replay(b, program, (value, copy, copyOf) => {
    if (value.op === 'scan') {
      const trim = trims.get(value)
      const loop = trim ? b.append(trimmed(value, trim, copyOf)) : copy
      loops.set(value, loop)
      return loop
    }
    const trim = value.op === 'slice' ? trims.get(value.x) : undefined
    const loop = value.op === 'slice' ? loops.get(value.x) : undefined
    if (value.op !== 'slice' || trim === undefined || loop?.op !== 'scan') return copy
    return b.slice(loop, [movedStart(value, trim, loop)], value.shape)
  })
  return b.program(outputsOf(program, copies))
}

/** The numbers of the last states and the stacked yields that are read. */
type ReadParts = { readonly states: Set<number>; readonly yields: Set<number> }

function readParts({ values, outputs }: Program): Map<Value<'scan'>, ReadParts> {
  const read = new Map<Value<'scan'>, ReadParts>()
  const partsOf = (loop: Value<'scan'>): ReadParts => {
    const parts = read.get(loop) ?? { states: new Set(), yields: new Set() }
    read.set(loop, parts)
    return parts
  }
  const wantAll = (value: Value): void => {
    if (value.op !== 'scan') return
    const { states, yields } = partsOf(value)
    value.initial.forEach((_, n) => states.add(n))
    value.axes.forEach((_, n) => yields.add(n))
  }
  for (const value of values) {
    if (value.op === 'slice' && value.x.op === 'scan') {
      const { finals, stacks } = regionsOf(value.x)
      const inside = (region: Region): boolean => holds(region, value)
      const { states, yields } = partsOf(value.x)
      if (finals.some(inside)) states.add(finals.findIndex(inside))
      else if (stacks.some(inside)) yields.add(stacks.findIndex(inside))
      else wantAll(value.x)
    } else operands(value).forEach(wantAll)
    if (value.op === 'scan') partsOf(value)
  }
  for (const value of outputs.values()) wantAll(value)
  return read
}

function holds({ offset, shape }: Region, slice: Value<'slice'>): boolean {
  const [start = 0] = slice.starts
  return start >= offset && start + sizeOf(slice.shape) <= offset + sizeOf(shape)
}

/** The old numbers of the parts of a loop that stay, in order. */
type Trim = Readonly<Record<'states' | 'yields' | 'captured', readonly number[]>>

/** The parts of a loop that stay where only some are read; undefined where all do. */
function trimOf(loop: Value<'scan'>, { states, yields }: ReadParts): Trim | undefined {
  const { body, initial, axes, captured } = loop
  const live = new Set<Value>()
  const need = (kind: 'state' | 'yield', n: number): void => {
    const result = body.outputs.get(nameOf(kind, n))
    if (result !== undefined) live.add(result)
  }
  for (const n of states) need('state', n)
  for (const n of yields) need('yield', n)
  const kept = new Set(states)
  const stateInputs = new Map(initial.map((_, n) => [body.inputs.get(nameOf('state', n)), n]))
  for (const value of live) {
    for (const operand of operands(value)) live.add(operand)
    const state = stateInputs.get(value)
    if (state === undefined || kept.has(state)) continue
    kept.add(state)
    need('state', state)
  }
  const isLive = (n: number): boolean => {
    const input = body.inputs.get(nameOf('captured', n))
    return input !== undefined && live.has(input)
  }
  const trim = {
    states: [...initial.keys()].filter((n) => kept.has(n)),
    yields: [...axes.keys()].filter((n) => yields.has(n)),
    captured: [...captured.keys()].filter(isLive),
  }
  const whole =
    trim.states.length === initial.length &&
    trim.yields.length === axes.length &&
    trim.captured.length === captured.length
  return whole ? undefined : trim
}

function trimmed(loop: Value<'scan'>, trim: Trim, copyOf: (value: Value) => Value): Operation<'scan'> {
  const { body, steps, reverse } = loop
  const b = new Builder()
  const found = new Map<Value, () => Value>()
  const take = (old: string, name: string): void => {
    const input = body.inputs.get(old)
    if (input === undefined) return
    const copy = b.input(name, input.shape, input.dtype)
    found.set(input, () => copy)
  }
  take(STEP, STEP)
  trim.states.forEach((old, n) => take(nameOf('state', old), nameOf('state', n)))
  trim.captured.forEach((old, n) => take(nameOf('captured', old), nameOf('captured', n)))
  const results = [
    ...trim.states.map((old, n) => [nameOf('state', old), nameOf('state', n)] as const),
    ...trim.yields.map((old, n) => [nameOf('yield', old), nameOf('yield', n)] as const),
  ].flatMap(([old, name]) => {
    const value = body.outputs.get(old)
    return value === undefined ? [] : [[name, value] as const]
  })
  const copies = copyLive(
    b,
    body.values,
    results.map(([, value]) => value),
    found,
  )
  return {
    op: 'scan',
    body: b.program(results.map(([name, value]) => [name, copies(value)])),
    steps,
    reverse,
    initial: trim.states.flatMap((n) => loop.initial[n] ?? []).map(copyOf),
    captured: trim.captured.flatMap((n) => loop.captured[n] ?? []).map(copyOf),
    axes: trim.yields.flatMap((n) => loop.axes[n] ?? []),
  }
}

/** The start of a slice of a loop's result, in the result of what stays of the loop. */
function movedStart(slice: Value<'slice'>, { states, yields }: Trim, loop: Value<'scan'>): number {
  const [start = 0] = slice.starts
  if (slice.x.op !== 'scan') return start
  const [before, after] = [regionsOf(slice.x), regionsOf(loop)]
  const olds = [...states.map((n) => before.finals[n]), ...yields.map((n) => before.stacks[n])]
  const news = [...after.finals, ...after.stacks]
  const at = olds.findIndex((region) => region && holds(region, slice))
  return start - (olds[at]?.offset ?? 0) + (news[at]?.offset ?? 0)
}
