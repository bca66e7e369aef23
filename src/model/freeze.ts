import { callbacks } from '../components/callbacks/index.ts'
import { matchesLayer, matchesGlob } from '../glob.ts'
import type { ComponentConfig } from '../registry.ts'
import type { OutlineNode } from './graph.ts'
import { whichOf } from './links.ts'
import type { ReportProblem } from './links.ts'
import { frozen } from './place-layers.ts'
import type { PlacedLayer } from './place-layers.ts'

/** Layers of which those whose names match a pattern are not trained. */
export function freezeLayers(
  layers: readonly PlacedLayer[],
  patterns: readonly string[],
  report: ReportProblem,
): readonly PlacedLayer[] {
  if (patterns.length === 0) return layers
  const names = layers.map(({ name }) => name)
  for (const [i, pattern] of patterns.entries()) {
    if (names.some((name) => matchesGlob(pattern, name))) continue
    const path = ['model', 'freeze', i]
    const message = `no layer is named "${pattern}"`
    report({ code: 'unknown-layer-name', path, message, hint: whichOf(pattern, names) })
  }
  return layers.map((layer) =>
    matchesLayer(patterns, layer.shares ?? layer.name)
      ? { ...layer, component: frozen(layer.component) }
      : layer,
  )
}

/** The names of frozen layers that callbacks have trained from some epoch on. */
export function unfrozenLater(
  nodes: readonly Pick<OutlineNode, 'name' | 'config'>[],
  listed: readonly ComponentConfig[],
): Set<string> {
  const patterns = listed.flatMap((config) => callbacks.of(config).unfreezes?.(config) ?? [])
  return new Set(
    nodes.flatMap(({ name, config }) =>
      config?.['trainable'] === false && matchesLayer(patterns, name) ? [name] : [],
    ),
  )
}
