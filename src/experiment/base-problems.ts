import { errorAtKey } from '../diagnostic.ts'
import type { Problem } from '../diagnostic.ts'
import { isMap } from '../registry.ts'
import type { ModelDocument } from './base-model.ts'

/** Keys about the model to start from that do not go together. */
export function baseProblems({ data, base }: ModelDocument): Problem[] {
  const model = data?.['model']
  if (!isMap(model)) return []
  const problem = (key: string, message: string, hint: string): Problem[] => [
    errorAtKey('options', ['model', key], message, hint),
  ]
  if (model['from'] !== undefined && model['weights'] !== undefined)
    return problem(
      'weights',
      '`from` and `weights` cannot be used together',
      '`from` takes the weights with the layers',
    )
  return [
    // The layers of `from` stand among the others by then, without the key.
    ...(model['until'] !== undefined && model['from'] === undefined
      ? problem(
          'until',
          '`until` needs `from`, the model whose layers are taken',
          'add `from`, or remove the key',
        )
      : []),
    ...(model['keep_transforms'] === true && base === undefined
      ? problem(
          'keep_transforms',
          '`keep_transforms` needs a model to keep them from',
          'add `from` or `weights`',
        )
      : []),
  ]
}
