import { callbacks } from '../../components/callbacks/index.ts'
import { errorAt } from '../../diagnostic.ts'
import type { Problem } from '../../diagnostic.ts'
import { matchesGlob } from '../../glob.ts'
import type { SpecDraft } from '../../spec/check/draft.ts'
import type { Outline } from '../graph.ts'
import { whichOf } from '../links.ts'

/** Callbacks train layers that are frozen. */
export function unfreezeProblems({ nodes, outputs }: Outline, { fit }: SpecDraft): Problem[] {
  if (outputs === undefined) return []
  const frozen = nodes.flatMap(({ name, config }) => (config?.['trainable'] === false ? [name] : []))
  return fit.callbacks.flatMap((callback, i) => {
    if (callback === undefined || callback.doubts.has('layers')) return []
    const patterns = callbacks.of(callback.config).unfreezes?.(callback.config) ?? []
    return patterns.flatMap((pattern, j): Problem[] => {
      if (frozen.some((name) => matchesGlob(pattern, name))) return []
      const path = ['fit', 'callbacks', i, 'layers', j]
      const hint =
        frozen.length > 0
          ? whichOf(pattern, frozen)
          : 'freeze layers with model.freeze, or with trainable: false'
      return [errorAt('unknown-layer-name', path, `no frozen layer is named "${pattern}"`, hint)]
    })
  })
}
