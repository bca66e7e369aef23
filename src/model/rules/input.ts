import type { Problem } from '../../diagnostic.ts'
import type { SpecDraft } from '../../spec/check/draft.ts'

const example = 'write `input: [64]` for one input, or `inputs: {image: [28, 28, 1], meta: [4]}` for several'

/** A model has `input` or `inputs`. */
export function inputProblems({ model }: SpecDraft): Problem[] {
  if (!model) return []
  const report = (path: Problem['path'], message: string, hint: string): Problem[] => [
    { severity: 'error', code: 'model-input', path, at: 'key', message, hint },
  ]
  if (model.written.length === 2)
    return report(['model', 'inputs'], 'the model has both `input` and `inputs`', 'remove one of the two')
  if (model.written.length === 0) return report(['model'], 'the model has no input', example)
  return model.inputs?.length === 0 ? report(['model', 'inputs'], 'the model has no input', example) : []
}
