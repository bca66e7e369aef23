import { sizeOf } from '../../ir/ir.ts'
import type { Value } from '../../ir/ir.ts'
import { isOfKind } from '../../ir/ops/index.ts'
import { CHEAP, costOf } from './cost.ts'
import { GroupDependencies } from './dependencies.ts'
import {
  fitIn,
  hasOnePass,
  isAnchor,
  isPart,
  isShifted,
  membersOf,
  operandsOf,
  planSpace,
  roleIn,
} from './group.ts'
import type { AnchorOp, Group, LoopOp, LoopReading } from './group.ts'
import { nestOf } from './reductions.ts'
import type { Space } from './space.ts'

/** Elements up to which the columns of a nest are read more than once. */
const FEW = 65536

/** The groups of a program while values are placed in them. */
export class Grouping {
  readonly reading: LoopReading
  readonly groups: Group[] = []
  readonly dependencies = new GroupDependencies()
  readonly #demanded: ReadonlySet<Value>
  readonly #takesEpilogue: (anchor: Value<AnchorOp>) => boolean
  readonly #groupOf = new Map<Value, Group>()
  /** Cheap values of inputs and constants alone, which readers compute, with their cost. */
  readonly #floating = new Map<Value, number>()
  /** The loops that the members of a group fit into. */
  readonly #spaces = new Map<Group, Space>()

  constructor(
    reading: LoopReading,
    demanded: ReadonlySet<Value>,
    takesEpilogue: (anchor: Value<AnchorOp>) => boolean,
  ) {
    this.reading = reading
    this.#demanded = demanded
    this.#takesEpilogue = takesEpilogue
  }

  groupOf(value: Value): Group | undefined {
    return this.#groupOf.get(value)
  }

  isElementwise(value: Value): boolean {
    const kind = isOfKind(value, 'elementwise', 'shifted') && !isAnchor(value)
    return kind || this.reading.copied.has(value)
  }

  /** The values that a value reads, behind views and floating values. */
  rootsOf(value: Value): Value[] {
    const found: Value[] = []
    const visit = (operand: Value): void => {
      if (this.reading.isView(operand)) visit(operand.x)
      else if (this.#floating.has(operand)) operandsOf(operand).forEach(visit)
      else found.push(operand)
    }
    operandsOf(value).forEach(visit)
    return found
  }

  /** The groups of what a value reads. */
  sourcesOf(value: Value): Group[] {
    return this.rootsOf(value).flatMap((root) => this.#groupOf.get(root) ?? [])
  }

  place(value: Value): void {
    if (isAnchor(value)) this.#start(value, value)
    else if ((value.op === 'reduce' || this.isElementwise(value)) && !this.#float(value)) this.#join(value)
  }

  /**
   * True if all members fit into the loops of a group, in passes that are few where there is much to read. `joined` is
   * the only one that is new to these loops.
   */
  fits(group: Group, joined?: Value): boolean {
    const space = this.#spaceOf(group, joined)
    if (space === undefined || !this.#hasFewPasses(group)) return false
    this.#spaces.set(group, space)
    return true
  }

  /** True if a value slices or reverses something that a group makes, or reads a floating value that does. */
  readsShifted(value: Value, group: Group): boolean {
    if (isShifted(value) && this.sourcesOf(value).includes(group)) return true
    return operandsOf(value).some(
      (operand) =>
        (this.reading.isView(operand) || this.#floating.has(operand)) && this.readsShifted(operand, group),
    )
  }

  /** Puts all members of a group into another one. */
  replace(group: Group, by: Group): void {
    for (const member of group.members.keys()) this.#groupOf.set(member, by)
    this.dependencies.replace(group, by)
    group.members.clear()
  }

  #float(value: Value): boolean {
    if (value.op === 'reduce' || sizeOf(value.shape) === 1 || this.#demanded.has(value)) return false
    if (this.sourcesOf(value).length > 0 && !isPart(value)) return false
    const cost = operandsOf(value).reduce((sum, operand) => sum + this.#costBehind(operand), costOf(value))
    if (cost > CHEAP) return false
    this.#floating.set(value, cost)
    return true
  }

  #costBehind(operand: Value): number {
    return this.reading.isView(operand) ? this.#costBehind(operand.x) : (this.#floating.get(operand) ?? 0)
  }

  #start(value: Value, anchor?: Value<AnchorOp | LoopOp>): Group {
    const reduction = value.op === 'reduce'
    const group: Group = {
      anchor,
      members: new Map(anchor === undefined ? [[value, reduction ? 'kept' : 'full']] : []),
      size: sizeOf(reduction ? value.x.shape : value.shape),
      nest: reduction ? nestOf(value) : undefined,
      index: this.groups.length,
    }
    this.groups.push(group)
    this.#enter(group, value)
    return group
  }

  #enter(group: Group, value: Value): void {
    this.#groupOf.set(value, group)
    for (const source of this.sourcesOf(value)) if (source !== group) this.dependencies.add(group, source)
  }

  #join(value: Value): void {
    // A single number joins any group of single numbers.
    const alike = sizeOf(value.shape) === 1 ? this.groups.filter(({ size }) => size === 1) : []
    for (const group of latestFirst([...this.sourcesOf(value), ...alike]))
      if (this.#tryJoin(group, value)) return
    const group = this.#start(value)
    // Floating operands whose loops do not fit this value's are stored.
    if (this.#spaceOf(group) !== undefined) return
    for (const operand of operandsOf(value)) this.#settleBehind(operand)
    if (this.#spaceOf(group) === undefined) throw new Error(`no loops fit value ${value.id} (${value.op})`)
  }

  #settleBehind(operand: Value): void {
    if (this.reading.isView(operand)) this.#settleBehind(operand.x)
    else if (this.#floating.delete(operand)) {
      this.#spaces.clear()
      this.#join(operand)
      // Groups that computed the value where they read it now wait for it.
      for (const group of this.groups) for (const member of membersOf(group)) this.#enter(group, member)
    }
  }

  #tryJoin(group: Group, value: Value): boolean {
    const { anchor } = group
    if (anchor !== undefined && (anchor.op === 'scan' || !this.#takesEpilogue(anchor))) return false
    const role = roleIn(group, value)
    if (role === undefined) return false
    const waits = this.sourcesOf(value).some(
      (source) => source !== group && this.dependencies.dependsOn(source, group),
    )
    // What a slice or a reversal reads must be complete before its own kernel starts.
    if (waits || this.readsShifted(value, group)) return false
    const { nest } = group
    group.members.set(value, role)
    if (value.op === 'reduce') group.nest ??= nestOf(value)
    if (this.fits(group, group.nest === nest ? value : undefined)) {
      this.#enter(group, value)
      return true
    }
    group.members.delete(value)
    group.nest = nest
    return false
  }

  #spaceOf(group: Group, joined?: Value): Space | undefined {
    const inlined = (value: Value): boolean => this.#floating.has(value)
    const known = joined && this.#spaces.get(group)
    if (known && fitIn(known, [joined], group, this.reading, inlined)) return known
    return planSpace(group, this.reading, inlined)
  }

  #hasFewPasses(group: Group): boolean {
    if (group.nest === undefined || group.nest.inner === 1 || group.size <= FEW) return true
    return hasOnePass(group, (value) => this.rootsOf(value))
  }
}

export function latestFirst(groups: readonly Group[]): Group[] {
  return [...new Set(groups)].sort((a, b) => b.index - a.index)
}
