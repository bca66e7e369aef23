import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'

import { onnx } from '../../src/exchange/onnx/index.ts'
import { modelToExport } from './model.ts'
import { onnxText } from './onnx-text.ts'

// These graphs were run by ONNX Runtime, as `npm run parity:export -- --format onnx` does for random models.
const MODELS: Readonly<Record<string, string>> = {
  'a dense network': `
    input: [4]
    layers: [{type: dense, units: 3, activation: relu}, {type: dense, units: 2, activation: softmax}]`,
  'a convolutional network': `
    input: [6, 6, 2]
    layers:
      - {type: conv2d, filters: 3, kernel_size: 3, padding: same, strides: 2, activation: elu}
      - {type: batch_normalization}
      - {type: average_pooling2d, padding: same}
      - {type: conv2d_transpose, filters: 2, kernel_size: 2, strides: 3, use_bias: false}
      - global_max_pooling2d
      - {type: dense, units: 1}`,
  'a network of two inputs': `
    inputs: {words: [3], more: [2]}
    layers:
      - {type: embedding, input_dim: 5, output_dim: 2, mask_zero: true, from: words}
      - {type: global_average_pooling1d, name: mean}
      - {type: concatenate, from: [mean, more]}
      - {type: dense, units: 1, name: value}
      - {type: repeat_vector, n: 2, from: more, name: twice}
    outputs: [value, twice]`,
}

describe('an ONNX model', () => {
  it.each(Object.entries(MODELS))('of %s', (_title, model) => {
    const section: object = parse(model)
    const written = onnx.write(modelToExport(section), (what) => {
      throw new Error(what)
    })
    if (!('file' in written)) throw new Error('one file is written')
    expect(onnxText(Buffer.concat(written.file))).toMatchSnapshot()
  })

  it('has no output that is an input', () => {
    const refused: string[] = []
    const model = modelToExport({
      input: [2],
      layers: [{ type: 'relu', name: 'same' }],
      outputs: ['same', 'input'],
    })
    onnx.write(model, (what) => void refused.push(what))
    expect(refused).toEqual(['output input: an input cannot be an output too'])
  })
})
