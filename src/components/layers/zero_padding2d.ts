import type { Padding, Shape } from '../../ir/ir.ts'
import { borderOption } from './border.ts'
import { defineLayer } from './layer.ts'
import { dataFormatOption, requireSpatial } from './window.ts'

/** Keras symbol: keras.layers.ZeroPadding2D. */
export const zeroPadding2d = defineLayer({
  type: 'zero_padding2d',
  summary: 'Puts rows and columns of zeros around images [height, width, channels]',
  options: () => ({
    padding: borderOption()
      .prefault(1)
      .describe('Rows and columns: n, [height, width] or [[top, bottom], [left, right]]'),
    data_format: dataFormatOption(),
  }),
  shapedBy: ['padding'],
  outputShape({ padding }, input) {
    requireSpatial('zero_padding2d', input, 2)
    return paddedShape(padding, input)
  },
  forward: ({ b }, { padding }, x) => b.pad(x, [[0, 0], ...padding, [0, 0]]),
  topology: (keras, { padding }, input) =>
    keras.layer('ZeroPadding2D', { padding }, [input], paddedShape(padding, input.shape)),
})

function paddedShape(padding: Padding, input: Shape): Shape {
  return input.map((length, i) => length + (padding[i]?.[0] ?? 0) + (padding[i]?.[1] ?? 0))
}
