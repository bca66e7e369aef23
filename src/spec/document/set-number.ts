import { ConfigSource } from './source.ts'
import { follow } from './tree.ts'
import type { MapNode } from './tree.ts'
import { parseYaml } from './yaml.ts'

/**
 * The text of a config with another number as an option of a component, and everything else as it was, comments too;
 * undefined where the text does not have the component, or a map or a list for the option.
 */
export function setNumber(
  text: string,
  component: readonly string[],
  option: string,
  value: number,
): string | undefined {
  const { root } = parseYaml({ source: new ConfigSource('config', text), start: 0, end: text.length })
  const found = root && follow(root, component)
  if (!found?.complete) return undefined
  const { node } = found
  const { start, end } = node.span
  if (node.kind === 'list') return undefined
  if (node.kind === 'scalar') {
    if (typeof node.value !== 'string') return undefined
    return splice(text, start, end, `{type: ${text.slice(start, end)}, ${option}: ${value}}`)
  }
  const entry = node.entries.get(option)?.value
  if (entry?.kind === 'scalar' && typeof entry.value === 'number')
    return splice(text, entry.span.start, entry.span.end, String(value))
  return entry === undefined ? withEntry(text, node, `${option}: ${value}`) : undefined
}

/** Puts an entry before the first one of a map: in braces, or on a line of its own. */
function withEntry(text: string, { entries }: MapNode, entry: string): string | undefined {
  const [first] = entries.values()
  if (!first) return undefined
  const { start } = first.key
  const before = text.slice(0, start)
  const indent = start - 1 - before.lastIndexOf('\n')
  const isInBraces = before.trimEnd().endsWith('{')
  return splice(text, start, start, isInBraces ? `${entry}, ` : `${entry}\n${' '.repeat(indent)}`)
}

function splice(text: string, start: number, end: number, replacement: string): string {
  return text.slice(0, start) + replacement + text.slice(end)
}
