import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'

import { litert } from '../../src/exchange/litert/index.ts'
import { litertText } from './litert-text.ts'
import { modelToExport } from './model.ts'

// These models were run by LiteRT, as `npm run parity:export -- --format litert` does for random models.
const MODELS: Readonly<Record<string, string>> = {
  'a dense network': `
    input: [4]
    layers: [{type: dense, units: 3, activation: relu}, {type: dense, units: 2, activation: softmax}]`,
  'a convolutional network': `
    input: [6, 6, 2]
    layers:
      - {type: conv2d, filters: 3, kernel_size: 3, padding: same, strides: 2}
      - {type: batch_normalization}
      - {type: average_pooling2d, padding: same}
      - {type: conv2d_transpose, filters: 2, kernel_size: 2, strides: 3, use_bias: false}
      - global_max_pooling2d`,
  'a recurrent network': `
    input: [2, 1]
    layers: [{type: simple_rnn, units: 1, return_sequences: true}]`,
  'sums over an axis of many': `
    input: [2, 1, 2, 1, 2, 1]
    layers: [{type: softmax, axis: 3}]`,
}

describe('a LiteRT model', () => {
  it.each(Object.entries(MODELS))('of %s', (_title, text) => {
    const section: object = parse(text)
    const { file } = litert.write(modelToExport(section), (what) => {
      throw new Error(what)
    })
    expect(litertText(Buffer.concat(file))).toMatchSnapshot()
  })

  it('of weights in int8, with scales from rows', () => {
    const layers = [
      { type: 'conv1d', filters: 1, kernel_size: 2 },
      { type: 'flatten' },
      { type: 'dense', units: 2 },
    ]
    const rows = [{ name: 'input', shape: [2, 3, 1], data: Float32Array.of(0, 1, 2, 3, 4, 5) }]
    const { file } = litert.writeInt8(modelToExport({ input: [3, 1], layers }), rows, (what) => {
      throw new Error(what)
    })
    expect(litertText(Buffer.concat(file))).toMatchSnapshot()
  })

  it('of an embedding in int8 has a table of bytes', () => {
    const layers = [
      { type: 'embedding', input_dim: 4, output_dim: 2 },
      'flatten',
      { type: 'dense', units: 1 },
    ]
    const rows = [{ name: 'input', shape: [2, 2], data: Float32Array.of(0, 1, 2, 3) }]
    const { file } = litert.writeInt8(modelToExport({ input: [2], layers }), rows, (what) => {
      throw new Error(what)
    })
    expect(litertText(Buffer.concat(file))).toMatch(/GATHER.*\n.*DEQUANTIZE/)
  })

  it('has no loops over too many steps', () => {
    const refused: string[] = []
    const layers = [
      { type: 'lstm', units: 1 },
      { type: 'dense', units: 1 },
    ]
    litert.write(modelToExport({ input: [20_000, 1], layers }), (what) => void refused.push(what))
    expect(refused).toEqual([
      'layer lstm: a loop of more than 100,000 operations, which it has no operator for',
    ])
  })
})
