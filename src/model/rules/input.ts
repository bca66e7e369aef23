import { errorAtKey } from '../../diagnostic.ts'
import type { Problem } from '../../diagnostic.ts'
import type { SpecDraft } from '../../spec/check/draft.ts'

/** A model has `input` or `inputs`, or leaves both out. */
export function inputProblems({ model }: SpecDraft): Problem[] {
  if (!model) return []
  const report = (path: Problem['path'], message: string, hint: string): Problem[] => [
    errorAtKey('model-input', path, message, hint),
  ]
  if (model.written.length === 2)
    return report(['model', 'inputs'], 'the model has both `input` and `inputs`', 'remove one of the two')
  const hint =
    'leave the key out: the inputs fit the data; or give each shape, as in `inputs: {image: [28, 28, 1]}`'
  return model.inputs?.length === 0 ? report(['model', 'inputs'], 'the model has no input', hint) : []
}
