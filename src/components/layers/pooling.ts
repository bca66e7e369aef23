import { defineLayer } from './layer.ts'
import { dataFormatOption, lengths, paddingOf, paddingOption, requireWindow, windowCount } from './window.ts'
import type { PaddingMode } from './window.ts'

/** A pooling layer over `rank` spatial axes. Keras symbols: keras.layers.MaxPooling2D and the like. */
export function definePooling(kind: 'max' | 'average', rank: 1 | 2 | 3) {
  const type = `${kind}_pooling${rank}d`
  const word = kind === 'max' ? 'Max' : 'Average'
  return defineLayer({
    type,
    aliases: [kind === 'max' ? `MaxPool${rank}D` : `AvgPool${rank}D`],
    summary: `${kind === 'max' ? 'Largest' : 'Mean'} element of each window over ${rank} spatial ${rank === 1 ? 'axis' : 'axes'}`,
    options: () => ({
      pool_size: lengths(rank).prefault(2).describe('Size of the window'),
      strides: lengths(rank)
        .nullable()
        .default(null)
        .describe('Distance between windows; default: pool_size'),
      padding: paddingOption(),
      data_format: dataFormatOption(),
    }),
    shapedBy: ['pool_size', 'strides', 'padding'],
    outputShape(config, input) {
      requireWindow(type, 'pool_size', input, windowOf(config))
      return [...windowCount(input.slice(0, -1), windowOf(config)), input.at(-1) ?? 0]
    },
    forward({ b }, config, x) {
      const { size, strides } = windowOf(config)
      return b.pool(kind, x, { size, strides, padding: paddingOf(x.shape.slice(1, -1), windowOf(config)) })
    },
    topology: (keras, config, input) =>
      keras.layer(
        `${word}Pooling${rank}D`,
        { pool_size: config.pool_size, strides: config.strides ?? config.pool_size, padding: config.padding },
        [input],
        [...windowCount(input.shape.slice(0, -1), windowOf(config)), input.shape.at(-1) ?? 0],
      ),
  })
}

type PoolingOptions = { pool_size: number[]; strides: number[] | null; padding: PaddingMode }

function windowOf({ pool_size, strides, padding }: PoolingOptions) {
  return { size: pool_size, strides: strides ?? pool_size, padding }
}
