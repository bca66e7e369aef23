import type { Padding, Shape } from '../../ir/ir.ts'
import { ShapeError } from '../shape-error.ts'
import { borderOption } from './border.ts'
import { defineLayer } from './layer.ts'
import { dataFormatOption, requireSpatial } from './window.ts'

/** Keras symbol: keras.layers.Cropping2D. */
export const cropping2d = defineLayer({
  type: 'cropping2d',
  summary: 'Cuts rows and columns off the border of images [height, width, channels]',
  options: () => ({
    cropping: borderOption()
      .prefault(0)
      .describe('Rows and columns: n, [height, width] or [[top, bottom], [left, right]]'),
    data_format: dataFormatOption(),
  }),
  shapedBy: ['cropping'],
  outputShape({ cropping }, input) {
    requireSpatial('cropping2d', input, 2)
    const shape = croppedShape(cropping, input)
    if (!shape.some((length) => length <= 0)) return shape
    throw new ShapeError(`nothing is left of the input [${input.join(', ')}]`, {
      option: 'cropping',
      hint: 'cut less off than its height and width',
    })
  },
  forward: ({ b }, { cropping }, x) =>
    b.slice(
      x,
      [0, ...cropping.map(([before]) => before), 0],
      [x.shape[0] ?? 0, ...croppedShape(cropping, x.shape.slice(1))],
    ),
  topology: (keras, { cropping }, input) =>
    keras.layer('Cropping2D', { cropping }, [input], croppedShape(cropping, input.shape)),
})

function croppedShape(cropping: Padding, input: Shape): Shape {
  return input.map((length, i) => length - (cropping[i]?.[0] ?? 0) - (cropping[i]?.[1] ?? 0))
}
