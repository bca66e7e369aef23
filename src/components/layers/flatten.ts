import { sizeOf } from '../../ir/ir.ts'
import { defineLayer } from './layer.ts'
import { dataFormatOption } from './window.ts'

/** Keras symbol: keras.layers.Flatten. */
export const flatten = defineLayer({
  type: 'flatten',
  summary: 'Flattens all axes into one',
  options: () => ({ data_format: dataFormatOption() }),
  outputShape: (_config, input) => [sizeOf(input)],
  forward: ({ b }, _config, x) => b.reshape(x, [x.shape[0] ?? 0, sizeOf(x.shape.slice(1))]),
  topology: (keras, _config, input) =>
    input.shape.length === 1 ? input : keras.layer('Flatten', {}, [input], [sizeOf(input.shape)]),
})
