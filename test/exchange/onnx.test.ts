import { describe, expect, it } from 'vitest'
import { parse } from 'yaml'

import { onnx } from '../../src/exchange/onnx/index.ts'
import type { Feature, OutputState, Preprocessing } from '../../src/runtime/preprocessing.ts'
import { modelToExport } from './model.ts'
import { onnxText } from './onnx-text.ts'
import { priceOutput, soldOutput } from './outputs.ts'

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
  'recurrent layers': `
    input: [3, 2]
    layers:
      - {type: lstm, units: 2, return_sequences: true, go_backwards: true}
      - {type: gru, units: 1, activation: relu, use_bias: false, return_sequences: true}
      - {type: bidirectional, layer: {type: simple_rnn, units: 2}, merge_mode: ave}`,
  'a recurrent layer without an operator': `
    input: [3, 2]
    layers: [{type: masking}, {type: gru, units: 1}, {type: dense, units: 1, name: last}]`,
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

const STATES: readonly Feature[] = [
  { kind: 'number', column: 'size', fill: 3, indicator: true, scaling: { subtract: 2, multiply: 0.5 } },
  { kind: 'number', column: 'year', scaling: { subtract: 2e6, multiply: 0.1 } },
  {
    kind: 'encoded',
    column: 'town',
    transform: 'one_hot',
    state: { categories: ['Ulm', 'NA'], unseen: 'ignore' },
  },
  {
    kind: 'encoded',
    column: 'grade',
    transform: 'ordinal',
    state: { categories: ['low', 'mid', 'high'], untrained: ['mid'], unseen: 'error' },
    scalings: [{ subtract: 1, multiply: 2 }],
  },
]
const TOKENS: Feature = {
  kind: 'encoded',
  column: 'note',
  transform: 'tokens',
  state: { words: ['a'], length: 2, standardize: 'lower_and_strip_punctuation', split: 'whitespace' },
}
const CLASSES = soldOutput('dense')
const NUMBERS = priceOutput('dense')

function rawModel(features: readonly Feature[], output: OutputState) {
  const width = 6
  const preprocessing: Preprocessing = {
    version: 2,
    inputs: [{ name: 'input', shape: [width], features }],
    outputs: [output],
    missing: 'error',
    csv: { header: true, columns: [] },
  }
  return { ...modelToExport({ input: [width], layers: [{ type: 'dense', units: 1 }] }), preprocessing }
}

describe('an ONNX model of raw rows', () => {
  it.each([
    ['of classes', CLASSES],
    ['of numbers', NUMBERS],
  ])('%s', (_title, output) => {
    const written = onnx.writeRaw(rawModel(STATES, output), (what) => {
      throw new Error(what)
    })
    expect(onnxText(Buffer.concat(written.file))).toMatchSnapshot()
  })

  it('of dates', () => {
    const when: Feature = {
      kind: 'encoded',
      column: 'when',
      transform: 'date',
      state: {
        columns: [
          { part: 'weekday', cyclic: true },
          { part: 'year', cyclic: false, scaling: { subtract: 2000, multiply: 0.1 } },
        ],
      },
    }
    const model = rawModel([when], NUMBERS)
    const preprocessing = {
      ...model.preprocessing,
      inputs: [{ name: 'input', shape: [3], features: [when] }],
      text: { formats: { when: 'd.M.yyyy' } },
    }
    const network = modelToExport({ input: [3], layers: [{ type: 'dense', units: 1 }] })
    const write = (text: Preprocessing['text'], refuse: (what: string) => void): Buffer =>
      Buffer.concat(onnx.writeRaw({ ...network, preprocessing: { ...preprocessing, text } }, refuse).file)
    const written = write(preprocessing.text, (what) => {
      throw new Error(what)
    })
    expect(onnxText(written)).toMatchSnapshot()
    const refused: string[] = []
    write({ formats: { when: 'd. MMM yyyy' } }, (what) => void refused.push(what))
    expect(refused).toEqual(['column when: dates as d. MMM yyyy'])
  })

  it('of windows of a time series, at the distance of their steps', () => {
    const network = modelToExport({
      input: [3, 6],
      layers: ['flatten', { type: 'dense', units: 1, name: 'dense' }],
    })
    const preprocessing: Preprocessing = {
      ...rawModel(STATES, NUMBERS).preprocessing,
      inputs: [{ name: 'input', shape: [3, 6], features: STATES }],
      window: { steps: 3, sampling_rate: 2, horizon: 1 },
    }
    const written = onnx.writeRaw({ ...network, preprocessing }, (what) => {
      throw new Error(what)
    })
    expect(onnxText(Buffer.concat(written.file))).toMatchSnapshot()
  })

  it('has no transform without operators, and no two values of a name', () => {
    const refused: string[] = []
    const prediction: Feature = { kind: 'number', column: 'prediction' }
    onnx.writeRaw(rawModel([TOKENS, prediction], NUMBERS), (what) => void refused.push(what))
    expect(refused).toEqual([
      'column note: the transform tokens',
      'column prediction: a result has the same name',
    ])
  })
})
