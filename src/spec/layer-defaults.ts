import type * as z from 'zod'

import { layers } from '../components/layers/index.ts'
import type { ConfigPath, Problem } from '../diagnostic.ts'
import { ownValue } from '../own-value.ts'
import { isMap } from '../registry.ts'
import { fault } from './check/faults.ts'
import type { Fault } from './check/faults.ts'
import { hintForKey, hintForName } from './check/hints.ts'
import { read } from './check/read.ts'
import type { Data } from './document/tree.ts'

type Defaults = ReadonlyMap<string, Readonly<Record<string, unknown>>>

/** A config whose layers have the options of `model.defaults` that they leave out, and what is wrong with these. */
export function withLayerDefaults(config: Data): { config: Data; problems: readonly Problem[] } {
  const { model } = config
  if (!isMap(model) || !isMap(model['defaults']) || !Array.isArray(model['layers']))
    return { config, problems: [] }
  const faults: Fault[] = []
  const defaults = new Map(
    Object.entries(model['defaults']).map(([name, options]) => [
      layers.find(name)?.type ?? name,
      validOptions(name, options, ['model', 'defaults', name], faults),
    ]),
  )
  const list = model['layers'].map((layer: unknown) => completed(layer, defaults))
  return {
    config: { ...config, model: { ...model, layers: list } },
    problems: faults.map(({ problem }) => problem),
  }
}

function validOptions(
  name: string,
  options: unknown,
  path: ConfigPath,
  faults: Fault[],
): Record<string, unknown> {
  const member = layers.find(name)
  if (member === undefined) {
    const hint = hintForName(layers.name, name)
    faults.push(fault('unknown-layer', path, `unknown layer "${name}"`, { hint, at: 'key' }))
  }
  if (member === undefined || !isMap(options)) return {}
  const shape: z.core.$ZodShape = layers.schemaOf(member).shape
  const valid: Record<string, unknown> = {}
  for (const [option, value] of Object.entries(options)) {
    const schema = ['type', 'name', 'from'].includes(option) ? undefined : ownValue(shape, option)
    const wrong = schema
      ? read(schema, value, [...path, option]).faults
      : [
          fault('unknown-key', [...path, option], `${member.type} has no default "${option}"`, {
            hint: hintForKey(option, Object.keys(shape), path).hint,
            at: 'key',
          }),
        ]
    faults.push(...wrong)
    if (wrong.length === 0) valid[option] = value
  }
  return valid
}

/** A layer, and those inside it, with the defaults of their types. */
function completed(layer: unknown, defaults: Defaults): unknown {
  const written = typeof layer === 'string' ? { type: layer } : layer
  if (!isMap(written) || typeof written['type'] !== 'string') return layer
  const own = defaults.get(layers.find(written['type'])?.type ?? '')
  const { layer: wrapped, layers: inner } = written
  if (own === undefined && wrapped === undefined && inner === undefined) return layer
  return {
    ...own,
    ...written,
    ...(wrapped !== undefined && { layer: completed(wrapped, defaults) }),
    ...(Array.isArray(inner) && { layers: inner.map((one: unknown) => completed(one, defaults)) }),
  }
}
