import { sizeOf } from '../../ir/ir.ts'
import type { Value } from '../../ir/ir.ts'
import { membersOf } from './group.ts'
import type { Group, Role } from './group.ts'
import { latestFirst } from './grouping.ts'
import type { Grouping } from './grouping.ts'

/** Merges nests over one space that read the same tensor or each other's results. */
export function mergeNeighbours(grouping: Grouping): void {
  const readers = new Map<Value, Group[]>()
  for (const group of grouping.groups) {
    if (group.anchor !== undefined) continue
    const inputs = inputsOf(grouping, group)
    const near = inputs.flatMap((input) => readers.get(input) ?? [])
    const merged = latestFirst([...near, ...grouping.dependencies.sourcesOf(group)]).find(
      (other) =>
        other.anchor === undefined &&
        other.index < group.index &&
        other.size === group.size &&
        !dependsBetween(grouping, group, other) &&
        !dependsBetween(grouping, other, group) &&
        tryMerge(grouping, other, group),
    )
    for (const input of inputs) readers.set(input, [...(readers.get(input) ?? []), merged ?? group])
  }
}

/** The tensors of more than one element that a group reads. */
function inputsOf(grouping: Grouping, group: Group): Value[] {
  const roots = new Set(membersOf(group).flatMap((member) => grouping.rootsOf(member)))
  return [...roots].filter((root) => sizeOf(root.shape) > 1)
}

/** True if a group waits for another by way of a third one, or for a shifted view of its results. */
function dependsBetween(grouping: Grouping, group: Group, other: Group): boolean {
  const { dependencies } = grouping
  return (
    [...dependencies.sourcesOf(group)].some(
      (source) => source !== other && dependencies.dependsOn(source, other),
    ) || membersOf(group).some((member) => grouping.readsShifted(member, other))
  )
}

function tryMerge(grouping: Grouping, into: Group, group: Group): boolean {
  const { nest } = into
  const own = [...into.members]
  const differ =
    nest !== undefined &&
    group.nest !== undefined &&
    (nest.outer !== group.nest.outer || nest.reduced !== group.nest.reduced)
  if (differ) return false
  into.nest ??= group.nest
  setMembers(
    into,
    [...own, ...group.members].sort(([a], [b]) => a.id - b.id),
  )
  if (grouping.fits(into)) {
    grouping.replace(group, into)
    return true
  }
  setMembers(into, own)
  into.nest = nest
  return false
}

function setMembers({ members }: Group, entries: readonly (readonly [Value, Role])[]): void {
  members.clear()
  for (const [member, role] of entries) members.set(member, role)
}
