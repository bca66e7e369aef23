import { callbacks } from '../../components/callbacks/index.ts'
import { errorAt } from '../../diagnostic.ts'
import type { Problem } from '../../diagnostic.ts'
import type { SpecDraft } from '../../spec/check/draft.ts'

/** No two callbacks write the same files. */
export function callbackLogProblems({ callbacks: drafts }: SpecDraft['fit']): Problem[] {
  const types = drafts.map((draft) => draft && callbacks.of(draft.config).logs && draft.config.type)
  return types.flatMap((type, i): Problem[] => {
    const first = types.indexOf(type)
    if (type === undefined || first === i) return []
    const message = `${type} is there already, as fit.callbacks[${first}]: both would write the same files`
    return [errorAt('callback-twice', ['fit', 'callbacks', i], message, 'remove one of them')]
  })
}
