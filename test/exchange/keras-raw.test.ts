import { describe, expect, it } from 'vitest'

import { keras } from '../../src/exchange/keras/index.ts'
import type { Hdf5Array, Hdf5Group } from '../../src/exchange/keras/hdf5.ts'
import { pythonJson } from '../../src/exchange/keras/json.ts'
import { rawModel } from '../../src/exchange/keras/raw.ts'
import type { Feature, OutputState, Preprocessing } from '../../src/runtime/preprocessing.ts'
import { modelToExport } from './model.ts'
import { priceOutput, soldOutput } from './outputs.ts'

const SIZE: Feature = {
  kind: 'number',
  column: 'size m²',
  fill: 3,
  indicator: true,
  scaling: { subtract: 2, multiply: 0.5 },
}
const YEAR: Feature = { kind: 'number', column: 'year', scaling: { subtract: 2e6, multiply: 0.1 } }
const TOWN: Feature = {
  kind: 'encoded',
  column: 'town',
  transform: 'one_hot',
  state: { categories: ['Ulm', 'Köln'], unseen: 'ignore' },
}
const GRADE: Feature = {
  kind: 'encoded',
  column: 'grade',
  transform: 'ordinal',
  state: { categories: ['low', 'high'], unseen: 'error' },
  scalings: [{ subtract: 1, multiply: 2 }],
}
const NOTE = {
  kind: 'encoded',
  column: 'note',
  transform: 'tokens',
  state: { words: ['a', 'b'], length: 2, standardize: 'lower_and_strip_punctuation', split: 'whitespace' },
} as const
const PIXELS: Feature = {
  kind: 'array',
  column: 'pixels',
  shape: [1, 2],
  scalings: [{ subtract: 0, multiply: 1 / 255 }],
}
const SOLD = soldOutput('sold')
const PRICE = priceOutput('price')

function modelOf(
  features: readonly Feature[],
  outputs: readonly OutputState[],
  more: Partial<Preprocessing> = {},
) {
  const width = 10
  const layers = outputs.map(({ name, shape: [units] }) => ({ type: 'dense', units, name, from: 'all' }))
  const model = modelToExport(
    { inputs: { all: [width] }, layers, outputs: outputs.map(({ name }) => name) },
    { loss: { type: 'huber', delta: 1 }, optimizer: 'sgd' },
  )
  const inputs = [{ name: 'all', shape: [width], features }]
  const preprocessing: Preprocessing = { version: 2, inputs, outputs, missing: 'fill', ...more }
  return { ...model, preprocessing }
}

type Entry = {
  readonly class_name: string
  readonly name: string
  readonly config: Readonly<Record<string, unknown>>
  readonly inbound_nodes: readonly { readonly args: readonly unknown[] }[]
}

/** A layer a line: its name, its class, what it takes and its options. */
function textOf(entry: Entry): string {
  const {
    class_name: type,
    name,
    config,
    inbound_nodes: [node],
  } = entry
  const tensor = /\{"class_name":"__keras_tensor__","config":\{[^}]*"keras_history":(\[[^\]]*\])\}\}/g
  const args = JSON.stringify(node?.args ?? []).replaceAll(tensor, '$1')
  const { name: _name, layers: _layers, ...options } = config
  return `${name} = ${type}(${args}) ${JSON.stringify(options)}`
}

function layersOf(model: ReturnType<typeof modelOf>): string[] {
  const { config } = rawModel(model, expect.unreachable)
  const { layers }: { layers: Entry[] } = JSON.parse(pythonJson(config['config'] ?? {}))
  return layers.map(textOf)
}

function tableIn(variables: Hdf5Group, name: string): { shape: readonly number[]; numbers: number[] } {
  let found: Hdf5Group | Hdf5Array | undefined = variables
  for (const key of ['layers', name, 'vars', '0'])
    found = found && 'get' in found ? found.get(key) : undefined
  return found && 'data' in found
    ? { shape: found.shape, numbers: Array.from(found.data, Number) }
    : { shape: [], numbers: [] }
}

// Keras 3.15.1 loads such files and predicts the same, as test/cli/export-options.test.ts shows where it is here.
describe('a Keras model of raw columns', () => {
  it('has layers for what was learned of each column, the network, and layers that name what it yields', () => {
    const { config, variables } = rawModel(
      modelOf([SIZE, YEAR, TOWN, GRADE, NOTE, PIXELS], [SOLD, PRICE]),
      expect.unreachable,
    )
    const { layers, ...ends }: { layers: Entry[] } = JSON.parse(pythonJson(config['config'] ?? {}))
    expect([...layers.map(textOf), JSON.stringify(ends)]).toMatchSnapshot()
    // The numbers of strings that are none, then of each one that is known.
    const [towns, grades] = ['embedding', 'embedding_1'].map((name) => tableIn(variables, name))
    expect([towns, grades]).toEqual([
      { shape: [4, 2], numbers: [0, 0, 1, 0, 0, 1, 0, 0] },
      { shape: [4, 1], numbers: [NaN, -2, 0, NaN] },
    ])
  })

  it('scales each channel of an array, or each of its last numbers, by itself', () => {
    const channels: Feature = {
      kind: 'array',
      column: 'channels',
      shape: [1, 2],
      scalings: [
        { subtract: 1, multiply: 1 },
        { subtract: 2, multiply: 0.5 },
      ],
    }
    const parts: Feature = { ...channels, column: 'parts', shape: [3, 2, 1] }
    const words: Feature = { ...NOTE, state: { ...NOTE.state, standardize: 'none' } }
    const layers = layersOf(modelOf([channels, parts, words], [PRICE]))
    const each = '{"axis":-1,"mean":[1,2],"variance":[1,4],"invert":false}'
    expect(layers).toEqual(
      expect.arrayContaining([
        `channels_scaled = Normalization([["channels",0,0]]) ${each}`,
        'channels_shape = Reshape([["channels_scaled",0,0]]) {"target_shape":[2]}',
        'parts_scaled = Reshape([["parts",0,0]]) {"target_shape":[3,2]}',
        `parts_scaled_2 = Normalization([["parts_scaled",0,0]]) ${each}`,
        'parts_scaled_3 = Reshape([["parts_scaled_2",0,0]]) {"target_shape":[3,2,1]}',
        'parts_shape = Reshape([["parts_scaled_3",0,0]]) {"target_shape":[6]}',
        expect.stringMatching(/^note_words = TextVectorization\(.*"standardize":null,/),
      ]),
    )
  })

  it('names the class of the largest of several probabilities', () => {
    const state: OutputState = {
      kind: 'classes',
      name: 'kind',
      shape: [3],
      columns: ['kind'],
      form: 'labels',
      classes: ['a', 'b', 'c'],
      probabilities: 'softmax',
    }
    const layers = layersOf(modelOf([SIZE, YEAR, TOWN, GRADE, NOTE, PIXELS], [state]))
    expect(layers).toEqual(
      expect.arrayContaining([
        'argmax = Argmax([["add",0,0]]) {"axis":-1,"keepdims":false}',
        'add_2 = Add([["argmax",0,0],1]) {}',
        'where_4 = Where([["isnan_3",0,0],0,["add_2",0,0]]) {}',
        expect.stringMatching(
          /^prediction = StringLookup\(\[\["where_4",0,0\]\]\) .*\["a","b","c"\],"invert":true/,
        ),
      ]),
    )
    expect(layers.at(-1)).toBe('add_3 = Add([["kind_softmax_2",0,0],["probabilities_refused",0,0]]) {}')
  })

  it('takes the steps of a window at their distance', () => {
    const window = { steps: 2, sampling_rate: 3, horizon: 1 }
    const model = modelToExport(
      { inputs: { all: [2, 4] }, layers: ['flatten', { type: 'dense', units: 1, name: 'price' }] },
      { loss: { type: 'huber', delta: 1 }, optimizer: 'sgd' },
    )
    const inputs = [{ name: 'all', shape: [2, 4], features: [SIZE, TOWN] }]
    const preprocessing: Preprocessing = { version: 2, inputs, outputs: [PRICE], missing: 'fill', window }
    expect(layersOf({ ...model, preprocessing })).toMatchSnapshot()
  })

  it('refuses what Keras has no layers for, by its column', () => {
    const refused: string[] = []
    const date: Feature = {
      kind: 'encoded',
      column: 'built',
      transform: 'date',
      state: { columns: [{ part: 'year', cyclic: false }] },
    }
    const features: readonly Feature[] = [
      date,
      { ...NOTE, state: { ...NOTE.state, padding: 'pre' } },
      { ...NOTE, column: 'greek', state: { ...NOTE.state, words: ['über'] } },
      { ...YEAR, column: 'a/b', scaling: { subtract: 0, multiply: 1e9 } },
    ]
    expect(keras.writeRaw(modelOf(features, [PRICE]), (what) => void refused.push(what))).toEqual({
      file: [],
    })
    expect(refused).toEqual([
      'column a/b: a slash in a name',
      'column built: the transform date',
      'column note: the transform tokens with padding or truncating at the start',
      'column greek: words in lower case beyond ASCII',
      'column a/b: numbers that differ by less than 1e-7',
    ])
  })
})
