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
  const layers = outputs.map(({ name }) => ({ type: 'dense', units: 1, name, from: 'all' }))
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

function tableIn(variables: Hdf5Group, name: string): number[] {
  let found: Hdf5Group | Hdf5Array | undefined = variables
  for (const key of ['layers', name, 'vars', '0'])
    found = found && 'get' in found ? found.get(key) : undefined
  return found && 'data' in found ? Array.from(found.data, Number) : []
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
      [0, 0, 1, 0, 0, 1, 0, 0],
      [NaN, -2, 0, NaN],
    ])
  })

  it('takes the steps of a window at their distance', () => {
    const window = { steps: 2, sampling_rate: 3, horizon: 1 }
    const model = modelToExport(
      { inputs: { all: [2, 4] }, layers: ['flatten', { type: 'dense', units: 1, name: 'price' }] },
      { loss: { type: 'huber', delta: 1 }, optimizer: 'sgd' },
    )
    const inputs = [{ name: 'all', shape: [2, 4], features: [SIZE, TOWN] }]
    const preprocessing: Preprocessing = { version: 2, inputs, outputs: [PRICE], missing: 'fill', window }
    const { config } = rawModel({ ...model, preprocessing }, expect.unreachable)
    const { layers }: { layers: Entry[] } = JSON.parse(pythonJson(config['config'] ?? {}))
    expect(layers.map(textOf)).toMatchSnapshot()
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
