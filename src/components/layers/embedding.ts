import * as z from 'zod'

import { ShapeError } from '../shape-error.ts'
import { UNKNOWN } from '../unknown-size.ts'
import { defineLayer } from './layer.ts'
import { constraintOption, initializerOption, regularizerOption } from './options.ts'

/** Keras symbol: keras.layers.Embedding. */
export const embedding = defineLayer({
  type: 'embedding',
  summary: 'A learned vector for each whole number from 0 to input_dim - 1',
  masking: 'use',
  options: () => ({
    input_dim: z
      .union([z.int().positive(), z.literal('vocabulary')])
      .describe(
        'Number of different inputs: the largest, plus 1; vocabulary: as many as the columns of the input have',
      ),
    output_dim: z.int().positive().describe('Length of the vectors'),
    embeddings_initializer: initializerOption('vectors', 'random_uniform'),
    embeddings_regularizer: regularizerOption('vectors'),
    embeddings_constraint: constraintOption('vectors'),
    embeddings: z
      .strictObject({
        path: z.string().min(1).describe('Text file of GloVe or word2vec: one word and its numbers per line'),
      })
      .optional()
      .describe(
        'Vectors to begin with, for the words of a text with the transform tokens; words without one begin at 0',
      ),
    mask_zero: z.boolean().default(false).describe('Mask the steps whose input is 0'),
  }),
  shapedBy: ['output_dim', 'mask_zero'],
  outputShape({ output_dim, mask_zero }, input) {
    if (mask_zero && input.length !== 1) {
      throw new ShapeError(`a mask is for sequences [steps], got [${input.join(', ')}]`, {
        option: 'mask_zero',
        hint: 'leave mask_zero out, or give the input one axis',
      })
    }
    return [...input, output_dim]
  },
  parameters: (config) => [
    {
      name: 'embeddings',
      shape: [config.input_dim === 'vocabulary' ? UNKNOWN : config.input_dim, config.output_dim],
      initializer: config.embeddings_initializer,
      regularizer: config.embeddings_regularizer,
      constraint: config.embeddings_constraint,
    },
  ],
  forward({ b, parameter, setMask }, { mask_zero }, x) {
    if (mask_zero) setMask(b.sub(1, b.equal(x, 0)))
    const embeddings = parameter('embeddings')
    // Numbers of the data are checked when they are read; those that a layer makes stay within the vectors.
    const last = (embeddings.shape[0] ?? 1) - 1
    return b.gather(embeddings, b.cast(b.min(b.max(x, 0), last), 'i32'))
  },
  vectorsPath: ({ embeddings }) => embeddings?.path,
  topology(keras, { input_dim, output_dim, mask_zero }, input) {
    const config = { input_dim, output_dim, mask_zero }
    const weights = { embeddings: 'embeddings' }
    const output = keras.layer('Embedding', config, [input], [...input.shape, output_dim], weights)
    return { ...output, masked: mask_zero, origin: output.layer }
  },
})
