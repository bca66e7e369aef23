import { count } from './format.ts'
import { shapeText } from './summary.ts'
import type { LayerSummary, ModelSummary } from './summary.ts'

/** The layers of a model and their connections in the language of Graphviz. https://graphviz.org/doc/info/lang.html */
export function dotText({ name, layers }: ModelSummary): string {
  const quoted = (text: string): string => `"${text.replace(/["\\]/g, '\\$&')}"`
  return [
    `digraph ${quoted(name)} {`,
    '  node [shape=box, style=rounded, fontname="sans-serif"];',
    ...layers.map(
      (layer) =>
        `  ${quoted(layer.name)} [label=${quoted(factsOf(layer).join('\n')).replaceAll('\n', '\\n')}];`,
    ),
    ...layers.flatMap((layer) =>
      layer.connections.map((from) => `  ${quoted(from)} -> ${quoted(layer.name)};`),
    ),
    '}',
    '',
  ].join('\n')
}

/** The same as a flowchart of Mermaid, which Markdown on GitHub draws. https://mermaid.js.org/syntax/flowchart.html */
export function mermaidText({ layers }: ModelSummary): string {
  const ids = new Map(layers.map(({ name }, i) => [name, `n${i}`]))
  const quoted = (lines: readonly string[]): string =>
    `"${lines.map((line) => line.replace(/["#<>&]/g, (character) => `#${character.charCodeAt(0)};`)).join('<br>')}"`
  return [
    'flowchart TD',
    ...layers.map((layer) => `  ${ids.get(layer.name)}[${quoted(factsOf(layer))}]`),
    ...layers.flatMap((layer) =>
      layer.connections.map((from) => `  ${ids.get(from)} --> ${ids.get(layer.name)}`),
    ),
    '',
  ].join('\n')
}

function factsOf({ name, type, output_shape, params }: LayerSummary): string[] {
  const facts = [shapeText(output_shape), ...(params ? [`${count(params)} params`] : [])]
  return [name === type ? name : `${name} (${type})`, facts.join(', ')]
}
