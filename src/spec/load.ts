import { basename } from 'node:path'

import type { Problem } from '../diagnostic.ts'
import { layers } from '../components/layers/index.ts'
import type { ComponentConfig } from '../registry.ts'
import { problemsOf } from './problems.ts'
import { sections, specSchema } from './spec.ts'
import type { Spec } from './spec.ts'

/** A config as far as it is valid. With problems, `spec` is missing and the sections that are valid are `parts`. */
export type Parsed = {
  readonly spec?: Spec
  readonly parts: {
    readonly model?: unknown
    readonly layers: readonly (ComponentConfig | undefined)[]
    readonly compile?: Spec['compile']
    readonly fit?: Spec['fit']
    readonly checkpoint?: Spec['checkpoint']
  }
  readonly problems: readonly Problem[]
}

/** Checks plain data against the schema, filling in every default. */
export function parseSpec(data: unknown, file: string): Parsed {
  const schema = specSchema()
  const result = schema.safeParse(data)
  if (result.success) {
    const { model, compile, fit, checkpoint } = result.data
    const name = result.data.name ?? basename(file).replace(/\.[^.]*$/, '')
    return {
      spec: { ...result.data, name },
      parts: { model, layers: model.layers, compile, fit, checkpoint },
      problems: [],
    }
  }
  const given: Record<string, unknown> = typeof data === 'object' && data !== null ? { ...data } : {}
  const model = given['model']
  const compile = sections.compile().safeParse(given['compile'])
  const fit = sections.fit().safeParse(given['fit'])
  const checkpoint = sections.checkpoint().safeParse(given['checkpoint'])
  return {
    parts: {
      model,
      layers: validLayers(model),
      ...(compile.success && { compile: compile.data }),
      ...(fit.success && { fit: fit.data }),
      ...(checkpoint.success && { checkpoint: checkpoint.data }),
    },
    problems: problemsOf(result.error, data, schema),
  }
}

function validLayers(model: unknown): (ComponentConfig | undefined)[] {
  if (typeof model !== 'object' || model === null || !('layers' in model) || !Array.isArray(model.layers))
    return []
  return model.layers.map((layer: unknown) => layers.ref().safeParse(layer).data)
}
