// Which values of finished groups lie in memory, and in which order the groups can run.

import { sizeOf } from '../../ir/ir.ts'
import type { Value } from '../../ir/ir.ts'
import { CHEAP, costOf } from './cost.ts'
import { isShifted, membersOf, operandsOf, passesOf, storageOf } from './group.ts'
import type { Group } from './group.ts'
import type { Grouping } from './grouping.ts'

/** Values that lie in memory: what must, and what groups read of each other and cannot cheaply compute again. */
export function storedValues(
  grouping: Grouping,
  values: readonly Value[],
  demanded: ReadonlySet<Value>,
): Set<Value> {
  const read = readByOthers(grouping)
  const stored = new Set<Value>()
  for (const value of values) {
    const made = grouping.groupOf(value) !== undefined
    const given = value.op === 'input' || (value.op === 'constant' && value.data.length > 1)
    if (
      given ||
      ((made || value.op === 'constant') && demanded.has(value)) ||
      (made && read.has(value) && costAgain(grouping, value, stored) > CHEAP)
    )
      stored.add(value)
  }
  for (const group of grouping.groups) storeBetweenPasses(grouping, group, stored)
  return stored
}

/** The values that a group reads of another. */
function readByOthers(grouping: Grouping): Set<Value> {
  const read = new Set<Value>()
  for (const group of grouping.groups)
    for (const member of membersOf(group))
      for (const source of grouping.rootsOf(member)) if (grouping.groupOf(source) !== group) read.add(source)
  return read
}

/** Operations that it takes to compute a value again from what is stored anyway. */
function costAgain(grouping: Grouping, whole: Value, stored: ReadonlySet<Value>): number {
  const costFor = (value: Value): number => {
    const again = grouping.isElementwise(value) && !isShifted(value) && !grouping.reading.copied.has(value)
    if (!again || sizeOf(value.shape) === 1) return Infinity
    return operandsOf(value).reduce((sum, operand) => {
      const size = sizeOf(operand.shape)
      if (size !== 1 && size !== sizeOf(whole.shape)) return Infinity
      const source = storageOf(operand)
      if (source.op === 'constant' && source.data.length === 1) return sum
      return sum + (stored.has(source) ? Number(size !== 1) : costFor(source))
    }, costOf(value))
  }
  return costFor(whole)
}

/** Stores expensive values that a later pass of their own nest reads again. */
function storeBetweenPasses(grouping: Grouping, group: Group, stored: Set<Value>): void {
  const passes = passesOf(group, (value) => grouping.rootsOf(value))
  for (const [member, pass] of passes) {
    if (group.members.get(member) !== 'full') continue
    for (const root of grouping.rootsOf(member)) {
      const earlier = (passes.get(root) ?? pass) < pass
      if (group.members.get(root) === 'full' && earlier && costOf(root) > CHEAP) stored.add(root)
    }
  }
}

/** Groups that make something stored, each after those it reads from. */
export function orderOf(grouping: Grouping, stored: ReadonlySet<Value>): Group[] {
  const ordered = new Set<Group>()
  const visit = (group: Group): void => {
    if (ordered.has(group)) return
    for (const source of storedSources(grouping, group, stored)) visit(source)
    ordered.add(group)
  }
  for (const group of grouping.groups) if (membersOf(group).some((member) => stored.has(member))) visit(group)
  return [...ordered]
}

function storedSources(grouping: Grouping, group: Group, stored: ReadonlySet<Value>): Set<Group> {
  const found = new Set<Group>()
  const visit = (operand: Value): void => {
    const source = grouping.groupOf(operand)
    if (source === group) return
    if (!stored.has(operand)) operandsOf(operand).forEach(visit)
    else if (source !== undefined) found.add(source)
  }
  for (const member of membersOf(group)) operandsOf(member).forEach(visit)
  return found
}
