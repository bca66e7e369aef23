import * as z from 'zod'

import { defineLayer } from './layer.ts'

/** Another layer once more: the graph has that layer in its place. Keras symbol: keras.Layer.__call__. */
export const shared = defineLayer({
  type: 'shared',
  composes: true,
  summary: 'Applies another layer or model once more, with the same weights',
  options: () => ({
    with: z.string().describe('The name of the layer or model whose weights it shares'),
  }),
  outputShape: unresolved,
  forward: unresolved,
  topology: unresolved,
})

function unresolved(): never {
  throw new Error('a shared layer was not replaced by the layer that it shares')
}
