import { isAlias, isMap, isScalar, isSeq } from 'yaml'
import type { Alias, Document, Pair, ParsedNode, Scalar, YAMLMap } from 'yaml'

import type { ConfigPath, Diagnostic } from '../../diagnostic.ts'
import { formatPath } from '../../diagnostic.ts'
import { nearest } from '../../nearest.ts'
import { diagnosticAt } from './source.ts'
import type { DiagnosticText, Span } from './source.ts'
import { explainStray } from './stray-keys.ts'
import { describe } from './tree.ts'
import type { ConfigNode, MapEntry, MapNode, ScalarNode } from './tree.ts'

/** The most values that aliases and merge keys may add to those written: a few lines can ask for billions. */
const maxAliased = 100_000

type Key = { readonly name: string; readonly span: Span; readonly path: ConfigPath; readonly merges: boolean }
type Size = { readonly values: number; readonly height: number }

/** Turns a YAML document without syntax errors into a tree: aliases followed, maps merged, keys checked. */
export class YamlToTree {
  readonly problems: Diagnostic[] = []
  readonly #spanOf: (from: number, to: number) => Span
  readonly #maxDepth: number
  /** The values that anchors name; undefined while still inside the value. */
  readonly #anchors = new Map<string, ConfigNode | undefined>()
  readonly #sizes = new WeakMap<ConfigNode, Size>()
  /** Values in place of aliases of unknown anchors. */
  readonly #unknown = new WeakSet<ConfigNode>()
  #aliased = 0

  constructor(spanOf: (from: number, to: number) => Span, maxDepth: number) {
    this.#spanOf = spanOf
    this.#maxDepth = maxDepth
  }

  convert(document: Document.Parsed): ConfigNode | undefined {
    return document.contents ? this.#node(document.contents, undefined, []) : undefined
  }

  /** `key` is underlined in place of a value that is empty or begins on a line of its own. */
  #node(node: ParsedNode, key: Span | undefined, path: ConfigPath): ConfigNode {
    if (isAlias(node)) return this.#alias(node, path)
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, undefined)
    const [from, to] = node.range
    const ownLines = !isScalar(node) && node.flow !== true
    const span = key && (ownLines || from === to) ? key : this.#spanOf(from, to)
    const converted = this.#value(node, span, path)
    this.#sizes.set(converted, this.#measure(converted))
    if (node.anchor !== undefined) this.#anchors.set(node.anchor, converted)
    return converted
  }

  #value(node: Exclude<ParsedNode, Alias.Parsed>, span: Span, path: ConfigPath): ConfigNode {
    if (isMap(node)) return { kind: 'map', span, entries: this.#entries(node, path) }
    if (!isSeq(node)) {
      const { value, range } = node
      return { kind: 'scalar', span, value, ...(value === null && range[0] < range[1] && { isNull: true }) }
    }
    return {
      kind: 'list',
      span,
      items: node.items.map((item, i) => this.#node(item, undefined, [...path, i])),
    }
  }

  #entries(map: YAMLMap.Parsed, path: ConfigPath): Map<string, MapEntry> {
    const entries = new Map<string, MapEntry>()
    const merged: MapNode[] = []
    const written = new Map<string, Span>()
    const stray = map.flow === true ? this.#stray(map, path) : false
    for (const pair of map.items) {
      if (stray && pair.value === null) continue
      const key = this.#key(pair, path)
      if (!key) continue
      const value = pair.value ? this.#node(pair.value, key.span, key.path) : nothing(key.span)
      const first = written.get(key.name)
      if (first) this.#report(key.span, key.path, duplicateKey(key, first))
      else if (key.merges) merged.push(...this.#mergeSources(value, key.path))
      else entries.set(key.name, { key: key.span, value })
      written.set(key.name, first ?? key.span)
    }
    // A map's own keys win over merged ones, and of these the first: https://yaml.org/type/merge.html
    for (const source of merged) {
      for (const [name, entry] of source.entries) if (!entries.has(name)) entries.set(name, entry)
    }
    return entries
  }

  /** Reports the first key without a value inside braces, which the comma before it may have made. */
  #stray({ items }: YAMLMap.Parsed, path: ConfigPath): boolean {
    const index = items.findIndex(
      ({ key, value }) => value === null && isScalar(key) && !keyProblem(key, true),
    )
    const [key, before] = [items[index]?.key, items[index - 1]?.value]
    if (!isScalar(key)) return false
    const [start, end] = [(before ?? key).range[0], key.range[1]]
    const { source, ...at } = this.#spanOf(start, end)
    const from = source.text.slice(at.start, at.start + 200)
    const { length, ...saying } = explainStray(String(key.value), before ? from : '')
    const span = length === undefined ? this.#spanOf(key.range[0], end) : this.#spanOf(start, start + length)
    this.#report(span, [...path, String(key.value)], saying)
    return true
  }

  #key({ key, value }: Pair<ParsedNode, ParsedNode | null>, parent: ConfigPath): Key | undefined {
    // Keys that are not scalars are syntax errors already (stringKeys).
    if (!isScalar(key)) return undefined
    const name = String(key.value)
    const [from, to] = key.range
    const span = this.#spanOf(from, to)
    const path = [...parent, name]
    const problem = keyProblem(key, value === null)
    if (!problem) return { name, span, path, merges: key.type === 'PLAIN' && name === '<<' }
    this.#report(span, path, problem)
    return undefined
  }

  #mergeSources(value: ConfigNode, path: ConfigPath): readonly MapNode[] {
    const sources = value.kind === 'list' ? value.items : [value]
    return sources.flatMap((source) => {
      if (source.kind === 'map') return [source]
      if (this.#unknown.has(source)) return []
      this.#report(source.span, path, {
        code: 'bad-merge',
        message: `the merge key << takes a map or a list of maps, not ${describe(source)}`,
        hint: 'name a map with an anchor (`&base`), then merge it with `<<: *base`',
      })
      return []
    })
  }

  #alias(alias: Alias.Parsed, path: ConfigPath): ConfigNode {
    const span = this.#spanOf(alias.range[0], alias.range[1])
    const target = this.#anchors.get(alias.source)
    if (!target) {
      this.#report(
        span,
        path,
        this.#anchors.has(alias.source) ? ownAlias(alias.source) : this.#noAnchor(alias.source),
      )
      const unknown = nothing(span)
      this.#unknown.add(unknown)
      return unknown
    }
    const size = this.#sizes.get(target) ?? { values: 1, height: 0 }
    const before = this.#aliased
    this.#aliased += size.values
    if (this.#aliased > maxAliased || path.length + size.height > this.#maxDepth) {
      if (before <= maxAliased) this.#report(span, path, tooMuch)
      return nothing(span)
    }
    // A wrong value is shown where the alias is used; anything inside it, where it was written.
    const used = { ...target, span }
    this.#sizes.set(used, size)
    return used
  }

  #noAnchor(name: string): DiagnosticText {
    const close = nearest(name, this.#anchors.keys())
    return {
      code: 'unresolved-alias',
      message: `*${name} refers to no anchor: nothing above is named &${name}`,
      hint: close
        ? `did you mean *${close}?`
        : `a string that starts with a star needs quotes: ${JSON.stringify(`*${name}`)}`,
    }
  }

  #measure(node: ConfigNode): Size {
    let values = 1
    let height = 0
    const children =
      node.kind === 'map'
        ? [...node.entries.values()].map((entry) => entry.value)
        : node.kind === 'list'
          ? node.items
          : []
    for (const child of children) {
      const size = this.#sizes.get(child) ?? { values: 1, height: 0 }
      values += size.values
      height = Math.max(height, size.height + 1)
    }
    return { values, height }
  }

  #report(span: Span, path: ConfigPath, saying: DiagnosticText): void {
    this.problems.push(diagnosticAt(span, { ...saying, path: formatPath(path) }))
  }
}

function nothing(span: Span): ScalarNode {
  return { kind: 'scalar', span, value: null }
}

function keyProblem(key: Scalar.Parsed, alone: boolean): DiagnosticText | undefined {
  const name = String(key.value)
  if (name === '' && key.type === 'PLAIN') {
    return { code: 'bad-key', message: 'a key is missing before the ":"' }
  }
  if (/^[\u00a0\u2000-\u200b\u3000]/.test(name)) {
    const hint = 'text copied from a page may contain them: write plain spaces'
    return { code: 'yaml-syntax', message: `spaces of another kind precede "${name.trim()}"`, hint }
  }
  if (name === '__proto__') return { code: 'bad-key', message: 'a key cannot be named "__proto__"' }
  const glued = alone && key.type === 'PLAIN' ? /^([\w-]+):(.+)$/s.exec(name) : null
  if (!glued) return undefined
  return {
    code: 'yaml-syntax',
    message: `a space is missing after the colon in "${name}"`,
    hint: `write \`${glued[1]}: ${glued[2]}\``,
  }
}

function duplicateKey({ name, merges }: Key, first: Span): DiagnosticText {
  return {
    code: 'duplicate-key',
    message: `duplicate key "${name}"`,
    hint: merges
      ? 'merge several maps with one key: `<<: [*a, *b]`'
      : `it is already set on line ${first.source.position(first.start).line}: remove one of the two`,
  }
}

function ownAlias(name: string): DiagnosticText {
  return {
    code: 'unresolved-alias',
    message: `*${name} is inside the value that &${name} names, which would never end`,
  }
}

const tooMuch: DiagnosticText = {
  code: 'too-many-aliases',
  message: 'aliases make this config too large',
  hint: `they may add at most ${maxAliased} values, nested at most as deep as a config may be`,
}
