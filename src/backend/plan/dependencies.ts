import type { Group } from './group.ts'

type Node = { readonly sources: Set<Group>; readonly readers: Set<Group>; depth: number }

/** The order between groups: each runs after those it reads from. */
export class GroupDependencies {
  readonly #nodes = new Map<Group, Node>()

  /** The groups that a group reads from. */
  sourcesOf(group: Group): ReadonlySet<Group> {
    return this.#node(group).sources
  }

  add(group: Group, source: Group): void {
    this.#node(group).sources.add(source)
    this.#node(source).readers.add(group)
    this.#sink(source)
  }

  /** True if a group is another one or waits for it, directly or not. */
  dependsOn(group: Group, other: Group): boolean {
    const { depth } = this.#node(other)
    const seen = new Set([group])
    for (const next of seen) {
      if (next === other) return true
      if (this.#node(next).depth <= depth) continue
      for (const source of this.#node(next).sources) seen.add(source)
    }
    return false
  }

  /** Puts one group in another's place. */
  replace(group: Group, by: Group): void {
    const { sources, readers } = this.#node(group)
    for (const source of sources) {
      this.#node(source).readers.delete(group)
      if (source !== by) this.add(by, source)
    }
    for (const reader of readers) {
      this.#node(reader).sources.delete(group)
      if (reader !== by) this.add(reader, by)
    }
    this.#nodes.delete(group)
  }

  /** Keeps every reader deeper than what it reads, so that a search may end at the depth of what it looks for. */
  #sink(source: Group): void {
    const open = [source]
    for (const group of open) {
      const { depth, readers } = this.#node(group)
      for (const reader of readers) {
        const node = this.#node(reader)
        if (node.depth > depth) continue
        node.depth = depth + 1
        open.push(reader)
      }
    }
  }

  #node(group: Group): Node {
    const node = this.#nodes.get(group) ?? { sources: new Set(), readers: new Set(), depth: 0 }
    this.#nodes.set(group, node)
    return node
  }
}
