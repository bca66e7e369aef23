// Decides what is computed together: elementwise values join the kernel that makes one of their operands, reductions
// over one space share a loop nest, and cheap values are computed again where they are read instead of being stored.

import { sizeOf } from '../../ir/ir.ts'
import type { Program, Value } from '../../ir/ir.ts'
import { Dependencies } from './dependencies.ts'
import { isAlias, isShifted, operandsOf, passesOf, planSpace, Reading, roleIn, storageOf } from './group.ts'
import type { Group } from './group.ts'
import { nestOf } from './reductions.ts'

export type Fusion = {
  /** In an order in which they can run. */
  readonly groups: readonly Group[]
  /** Values that lie in memory: inputs, constants, and what a group makes for others. */
  readonly stored: ReadonlySet<Value>
  readonly reading: Reading
}

/** Operations of more instructions than a load and a store cost. */
const EXPENSIVE = new Set([
  'exp',
  'expm1',
  'log',
  'log1p',
  'tanh',
  'sigmoid',
  'softplus',
  'erf',
  'sin',
  'cos',
  'pow',
])
/** Operations that a value may take to be computed again where it is read. */
const CHEAP = 4
/** Elements up to which the columns of a nest are read more than once. */
const FEW = 65536

export function fuse(program: Program, takesEpilogue: (anchor: Value) => boolean): Fusion {
  const live = liveValues(program)
  const values = program.values.filter((value) => live.has(value))
  const demanded = demandedValues(program, values)
  const copied = new Set([...demanded].filter((value) => needsCopy(value)))
  const fuser = new Fuser(new Reading(copied), demanded, takesEpilogue)
  for (const value of values) fuser.place(value)
  fuser.mergeNeighbours()
  return fuser.finish(values)
}

function liveValues(program: Program): Set<Value> {
  const live = new Set(program.outputs.values())
  for (const value of live) for (const operand of operandsOf(value)) live.add(operand)
  return live
}

/** Values that must lie in memory: results, and operands of operations that no loop nest computes. */
function demandedValues(program: Program, values: readonly Value[]): Set<Value> {
  const demanded = new Set<Value>()
  for (const value of values)
    if (isSpecial(value) || isShifted(value)) operandsOf(value).forEach((x) => demanded.add(storageOf(x)))
  for (const value of program.outputs.values()) demanded.add(storageOf(value))
  return demanded
}

/** Whether a demanded value has no storage of its own. */
function needsCopy(value: Value): boolean {
  return value.op === 'broadcast' || value.op === 'transpose' || value.op === 'iota'
}

function isElementwise(value: Value, reading: Reading): boolean {
  return (
    ['unary', 'binary', 'select', 'cast', 'slice', 'reverse'].includes(value.op) || reading.copied.has(value)
  )
}

function isSpecial(value: Value): boolean {
  return [
    'argmax',
    'matmul',
    'convolution',
    'convolution_input_gradient',
    'convolution_kernel_gradient',
    'pool',
    'max_pool_gradient',
    'average_pool_gradient',
    'gather',
    'scatter_add',
    'pad',
    'concat',
    'random',
  ].includes(value.op)
}

function costOf(value: Value): number {
  const name = value.op === 'unary' || value.op === 'binary' ? value.function : value.op
  if (EXPENSIVE.has(name)) return 2 * CHEAP
  return name === 'div' || name === 'sqrt' || name === 'rsqrt' ? 2 : 1
}

class Fuser {
  readonly #reading: Reading
  readonly #demanded: ReadonlySet<Value>
  readonly #takesEpilogue: (anchor: Value) => boolean
  readonly #groups: Group[] = []
  readonly #scalars: Group[] = []
  readonly #dependencies = new Dependencies()
  readonly #groupOf = new Map<Value, Group>()
  /** Cheap values of inputs and constants alone, which readers compute, with their cost. */
  readonly #floating = new Map<Value, number>()

  constructor(reading: Reading, demanded: ReadonlySet<Value>, takesEpilogue: (anchor: Value) => boolean) {
    this.#reading = reading
    this.#demanded = demanded
    this.#takesEpilogue = takesEpilogue
  }

  place(value: Value): void {
    if (isSpecial(value)) {
      this.#start(value, value)
    } else if (value.op === 'reduce' || isElementwise(value, this.#reading)) {
      if (!this.#float(value)) this.#join(value)
    }
  }

  /** Merges nests over one space that read the same tensor or each other's results. */
  mergeNeighbours(): void {
    const readers = new Map<Value, Group[]>()
    for (const group of this.#groups) {
      if (group.anchor !== undefined) continue
      const inputs = this.#inputsOf(group)
      const near = inputs.flatMap((input) => readers.get(input) ?? [])
      const place = latestFirst([...near, ...this.#dependencies.sourcesOf(group)]).find(
        (other) =>
          other.anchor === undefined &&
          other.index < group.index &&
          other.size === group.size &&
          !this.#dependsBetween(group, other) &&
          !this.#dependsBetween(other, group) &&
          this.#merge(other, group),
      )
      for (const input of inputs) readers.set(input, [...(readers.get(input) ?? []), place ?? group])
    }
  }

  finish(values: readonly Value[]): Fusion {
    const demanded = this.#demanded
    const readers = new Map<Value, Set<Group>>()
    for (const group of this.#groups) {
      for (const member of membersOf(group)) {
        for (const source of this.#roots(member)) {
          if (this.#groupOf.get(source) === group) continue
          readers.set(source, (readers.get(source) ?? new Set()).add(group))
        }
      }
    }
    const stored = new Set<Value>()
    for (const value of values) {
      const group = this.#groupOf.get(value)
      if (value.op === 'input' || (value.op === 'constant' && (value.data.length > 1 || demanded.has(value))))
        stored.add(value)
      else if (group === undefined) continue
      else if (demanded.has(value) || (readers.has(value) && !this.#isCheapAgain(value, stored, CHEAP)))
        stored.add(value)
    }
    for (const group of this.#groups) this.#storeBetweenPasses(group, stored)
    return { groups: this.#order(stored), stored, reading: this.#reading }
  }

  /** The values that a value reads, behind views and floating values. */
  #roots(value: Value): Value[] {
    const found: Value[] = []
    const visit = (operand: Value): void => {
      if (this.#reading.isView(operand)) visit(operand.x)
      else if (this.#floating.has(operand)) operandsOf(operand).forEach(visit)
      else found.push(operand)
    }
    operandsOf(value).forEach(visit)
    return found
  }

  #float(value: Value): boolean {
    if (value.op === 'reduce' || sizeOf(value.shape) === 1 || this.#demanded.has(value)) return false
    if (this.#roots(value).some((root) => this.#groupOf.has(root))) return false
    const cost = operandsOf(value).reduce((sum, operand) => sum + this.#costBehind(operand), costOf(value))
    if (cost > CHEAP) return false
    this.#floating.set(value, cost)
    return true
  }

  #costBehind(operand: Value): number {
    return this.#reading.isView(operand) ? this.#costBehind(operand.x) : (this.#floating.get(operand) ?? 0)
  }

  #start(value: Value, anchor: Value | undefined): Group {
    const reduction = value.op === 'reduce'
    const group: Group = {
      anchor,
      members: new Map(),
      size: sizeOf(reduction ? value.x.shape : value.shape),
      nest: reduction ? nestOf(value) : undefined,
      index: this.#groups.length,
    }
    if (anchor === undefined) group.members.set(value, reduction ? 'kept' : 'full')
    this.#groups.push(group)
    if (group.size === 1) this.#scalars.push(group)
    this.#enter(group, value)
    return group
  }

  #enter(group: Group, value: Value): void {
    this.#groupOf.set(value, group)
    for (const root of this.#roots(value)) {
      const source = this.#groupOf.get(root)
      if (source !== undefined && source !== group) this.#dependencies.add(group, source)
    }
  }

  #join(value: Value): void {
    const near = this.#roots(value).flatMap((root) => this.#groupOf.get(root) ?? [])
    const scalars = sizeOf(value.shape) === 1 ? this.#scalars : []
    for (const group of latestFirst([...near, ...scalars])) if (this.#tryJoin(group, value)) return
    const group = this.#start(value, undefined)
    // Floating operands whose loops do not fit this value's are stored.
    if (this.#plan(group)) return
    for (const operand of operandsOf(value)) this.#settleBehind(operand)
    if (!this.#plan(group)) throw new Error(`no loops fit value ${value.id} (${value.op})`)
  }

  #settleBehind(operand: Value): void {
    if (this.#reading.isView(operand)) this.#settleBehind(operand.x)
    else if (this.#floating.delete(operand)) {
      this.#join(operand)
      // Groups that computed the value where they read it now wait for it.
      for (const group of this.#groups) for (const member of membersOf(group)) this.#enter(group, member)
    }
  }

  #tryJoin(group: Group, value: Value): boolean {
    if (group.anchor !== undefined && !this.#takesEpilogue(group.anchor)) return false
    const role = roleIn(group, value)
    if (role === undefined) return false
    const sources = this.#roots(value).flatMap((root) => this.#groupOf.get(root) ?? [])
    if (sources.some((source) => source !== group && this.#dependencies.dependsOn(source, group)))
      return false
    // What a slice or a reversal reads must be complete before its own kernel starts.
    if (isShifted(value) && sources.includes(group)) return false
    if (this.#readsShifted(value, group)) return false
    const { nest } = group
    group.members.set(value, role)
    if (value.op === 'reduce') group.nest ??= nestOf(value)
    if (this.#plan(group) && this.#fewPasses(group)) {
      this.#enter(group, value)
      return true
    }
    group.members.delete(value)
    group.nest = nest
    return false
  }

  /** Whether a floating operand slices something that the group makes. */
  #readsShifted(value: Value, group: Group): boolean {
    return operandsOf(value).some((operand) => {
      if (this.#reading.isView(operand)) return this.#readsShifted(operand, group)
      if (!this.#floating.has(operand)) return false
      return isShifted(operand) && this.#roots(operand).some((root) => this.#groupOf.get(root) === group)
    })
  }

  #plan(group: Group): boolean {
    return planSpace(group, this.#reading, (value) => this.#floating.has(value)) !== undefined
  }

  #fewPasses(group: Group): boolean {
    if (group.nest === undefined || group.nest.inner === 1 || group.size <= FEW) return true
    return [...passesOf(group, (value) => this.#roots(value)).values()].every((pass) => pass === 0)
  }

  /** Whether a group waits for another by way of a third one, or for a shifted view of its results. */
  #dependsBetween(group: Group, other: Group): boolean {
    const sources = [...this.#dependencies.sourcesOf(group)]
    if (sources.some((source) => source !== other && this.#dependencies.dependsOn(source, other))) return true
    return membersOf(group).some(
      (member) =>
        this.#readsShifted(member, other) ||
        (isShifted(member) && this.#roots(member).some((root) => this.#groupOf.get(root) === other)),
    )
  }

  /** The tensors of more than one element that a group reads. */
  #inputsOf(group: Group): Value[] {
    const roots = new Set(membersOf(group).flatMap((member) => this.#roots(member)))
    return [...roots].filter((root) => sizeOf(root.shape) > 1)
  }

  #merge(into: Group, group: Group): boolean {
    const members = new Map(into.members)
    const { nest } = into
    if (
      nest !== undefined &&
      group.nest !== undefined &&
      (nest.outer !== group.nest.outer || nest.reduced !== group.nest.reduced)
    )
      return false
    into.nest ??= group.nest
    const all = [...into.members, ...group.members].sort(([a], [b]) => a.id - b.id)
    into.members.clear()
    for (const [member, role] of all) into.members.set(member, role)
    if (!this.#plan(into) || !this.#fewPasses(into)) {
      into.members.clear()
      for (const [member, role] of members) into.members.set(member, role)
      into.nest = nest
      return false
    }
    for (const member of group.members.keys()) this.#groupOf.set(member, into)
    this.#dependencies.replace(group, into)
    group.members.clear()
    return true
  }

  /** Whether readers can compute a value from what is stored anyway with few operations. */
  #isCheapAgain(value: Value, stored: ReadonlySet<Value>, budget: number): boolean {
    return this.#costAgain(value, value, stored) <= budget
  }

  #costAgain(value: Value, whole: Value, stored: ReadonlySet<Value>): number {
    if (!isElementwise(value, this.#reading) || isShifted(value) || this.#reading.copied.has(value))
      return Infinity
    if (sizeOf(value.shape) === 1) return Infinity
    return operandsOf(value).reduce((sum, operand) => {
      const size = sizeOf(operand.shape)
      if (size !== 1 && size !== sizeOf(whole.shape)) return Infinity
      const source = behindAliases(operand)
      if (source.op === 'constant' && source.data.length === 1) return sum
      if (stored.has(source)) return sum + (size === 1 ? 0 : 1)
      return sum + this.#costAgain(source, whole, stored)
    }, costOf(value))
  }

  /** Stores expensive values that a later pass of their own nest reads again. */
  #storeBetweenPasses(group: Group, stored: Set<Value>): void {
    const passes = passesOf(group, (value) => this.#roots(value))
    for (const [member, pass] of passes) {
      if (group.members.get(member) !== 'full') continue
      for (const root of this.#roots(member)) {
        if (group.members.get(root) === 'full' && (passes.get(root) ?? pass) < pass && costOf(root) > CHEAP)
          stored.add(root)
      }
    }
  }

  /** Groups that make something stored, each after those it reads from. */
  #order(stored: ReadonlySet<Value>): Group[] {
    const ordered = new Set<Group>()
    const visit = (group: Group): void => {
      if (ordered.has(group)) return
      for (const source of this.#storedSources(group, stored)) visit(source)
      ordered.add(group)
    }
    for (const group of this.#groups) {
      if (membersOf(group).some((member) => stored.has(member))) visit(group)
    }
    return [...ordered]
  }

  #storedSources(group: Group, stored: ReadonlySet<Value>): Set<Group> {
    const found = new Set<Group>()
    const visit = (operand: Value): void => {
      const source = this.#groupOf.get(operand)
      if (source === group) return
      if (stored.has(operand)) {
        if (source !== undefined) found.add(source)
      } else operandsOf(operand).forEach(visit)
    }
    for (const member of membersOf(group)) operandsOf(member).forEach(visit)
    return found
  }
}

function latestFirst(groups: readonly Group[]): Group[] {
  return [...new Set(groups)].sort((a, b) => b.index - a.index)
}

/** All values that a group computes. */
export function membersOf(group: Group): Value[] {
  return group.anchor === undefined ? [...group.members.keys()] : [group.anchor, ...group.members.keys()]
}

function behindAliases(value: Value): Value {
  return isAlias(value) ? behindAliases(value.x) : value
}
