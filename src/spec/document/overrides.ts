import type { Diagnostic } from '../../diagnostic.ts'
import { families } from '../../components/families.ts'
import { counted } from '../../wording.ts'
import { ConfigSource, diagnosticAt } from './source.ts'
import type { DiagnosticText, Span } from './source.ts'
import { describe, isNull } from './tree.ts'
import type { ConfigNode, MapNode } from './tree.ts'
import { parseYaml } from './yaml.ts'

type Overridden = {
  readonly root: MapNode | undefined
  /** The arguments one a line, which diagnostics point into. */
  readonly source: ConfigSource | undefined
  readonly problems: readonly Diagnostic[]
}

/**
 * Applies `--set a.b[0].c=value` arguments to a config, in their order; the values are YAML, and null removes a key. Keys
 * of other characters stand in quotes, as in `a."b.c"=value`.
 */
export function applyOverrides(root: MapNode | undefined, overrides: readonly string[]): Overridden {
  if (overrides.length === 0) return { root, source: undefined, problems: [] }
  const source = new ConfigSource('--set', overrides.join('\n'))
  const problems: Diagnostic[] = []
  let result = root
  let start = 0
  for (const override of overrides) {
    const end = start + override.length
    const report = (span: Span, saying: DiagnosticText): void =>
      void problems.push(diagnosticAt(span, saying))
    const path = /^[A-Za-z_][\w-]*(?:\.[\w-]+|\."[^"]+"|\[\d+\])*(?==)/.exec(override)?.[0]
    if (path === undefined) report({ source, start, end }, malformed)
    else {
      const valueSpan = { source, start: start + path.length + 1, end }
      const parsed = parseYaml(valueSpan)
      problems.push(...parsed.problems)
      // "-", which is standard input for data.path, begins a list in YAML.
      const value: ConfigNode =
        override.slice(path.length + 1) === '-'
          ? { kind: 'scalar', span: valueSpan, value: '-' }
          : (parsed.root ?? { kind: 'scalar', span: valueSpan, value: null })
      const steps = stepsOf(path, source, start)
      if (result && parsed.problems.length === 0) {
        const changed = setAt(result, steps, value, report)
        if (changed?.kind === 'map') result = changed
      }
    }
    start = end + 1
  }
  return { root: result, source, problems }
}

const malformed: DiagnosticText = {
  code: 'set',
  message: 'expected a key, "=" and a value',
  hint: 'as in `fit.epochs=3` or `model.layers[0].units=20`',
}

type PathStep = { readonly name: string; readonly span: Span }

/** The names on a path: `model`, `layers` and `0` of `model.layers[0]`, which is `model.layers.0` too. */
export function namesOn(path: string): string[] {
  return stepsOn(path).map(({ name }) => name)
}

/** The names on a path as they are written, from an index on. */
function stepsOn(path: string): { name: string; written: string; index: number }[] {
  return [...path.matchAll(/"([^"]+)"|[\w-]+/g)].map(({ 0: written, 1: quoted, index }) => ({
    name: quoted ?? written,
    written,
    index,
  }))
}

function stepsOf(path: string, source: ConfigSource, start: number): PathStep[] {
  return stepsOn(path).map(({ name, written, index }) => ({
    name,
    span: { source, start: start + index, end: start + index + written.length },
  }))
}

/** A copy of `node` in which the value at the end of the steps is another; undefined where they lead nowhere. */
function setAt(
  node: ConfigNode | undefined,
  [step, ...rest]: readonly PathStep[],
  value: ConfigNode,
  report: (span: Span, saying: DiagnosticText) => void,
): ConfigNode | undefined {
  if (!step) return value
  if (node?.kind === 'list') {
    const { length } = node.items
    const index = /^\d+$/.test(step.name) ? Number(step.name) : length
    if (index >= length) {
      report(step.span, {
        code: 'set',
        message: `this list has ${counted(length, 'item')}, and none has the index ${step.name}`,
        hint:
          length === 0
            ? 'set the whole list, as in `key=[a, b]`'
            : `indices count from 0: the last one is [${length - 1}]`,
      })
      return undefined
    }
    const item = setAt(node.items[index], rest, value, report)
    return item && { ...node, items: node.items.with(index, item) }
  }
  const map = node && asMap(node, step)
  if (node && !map) {
    report(step.span, {
      code: 'set',
      message: `"${step.name}" cannot be set inside ${describe(node)}`,
      hint: 'set the whole value, as in `key={a: 1, b: 2}`',
    })
    return undefined
  }
  if (map?.entries.has(step.name) === true && rest.length === 0 && isNull(value)) {
    return { ...map, entries: new Map([...map.entries].filter(([name]) => name !== step.name)) }
  }
  const inner = setAt(map?.entries.get(step.name)?.value, rest, value, report)
  if (!inner) return undefined
  const entries = new Map(map?.entries).set(step.name, { key: step.span, value: inner })
  return { kind: 'map', span: map?.span ?? step.span, entries }
}

/** `adam` is `{type: adam}` once an option of it is set; nothing is an empty map. */
function asMap(node: ConfigNode, step: PathStep): MapNode | undefined {
  if (node.kind === 'map') return node
  if (node.kind === 'list') return undefined
  const { span, value } = node
  if (value === null) return { kind: 'map', span: step.span, entries: new Map() }
  const name = typeof value === 'string' ? value : undefined
  if (name === undefined || ![...families.values()].some((family) => family.find(name))) return undefined
  return { kind: 'map', span, entries: new Map([['type', { key: span, value: node }]]) }
}
