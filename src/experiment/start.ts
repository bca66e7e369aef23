import type { Outline } from '../model/graph.ts'
import type { Weights } from '../model/weights.ts'
import type { ModelSpec } from '../spec/schema/model.ts'
import type { ModelDocument } from './base-model.ts'

/** The weights that a config takes from another model, as far as shapes are known; throws a RunError where they do not fit. */
export async function startOf(
  { base }: ModelDocument,
  outline: Outline,
  model: Pick<ModelSpec, 'weights'>,
): Promise<Weights> {
  if (base === undefined) return new Map()
  const { startWeights } = await import('./base-model.ts')
  return startWeights(outline, model, base)
}
