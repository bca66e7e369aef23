import { describe, expect, it } from 'vitest'

import { buildGraph } from '../../../src/model/build.ts'
import { modelSection } from '../../../src/spec/schema/model.ts'
import { outputOf, readObject } from '../../../src/spec/check/read.ts'

/** What is wrong with a model of one layer, and where. */
function problems(layer: unknown, input: number[] = [4, 3]): string[] {
  const schema = modelSection()
  const reading = readObject(schema, { input, layers: [layer] })
  const model = outputOf(schema, reading)
  const found = model ? buildGraph(model).problems : reading.faults.map(({ problem }) => problem)
  return found.map(({ path, message, hint }) => {
    const at = path.slice(path.indexOf('layers') + 2).join('.')
    return `${at}: ${message}${hint === undefined ? '' : ` (${hint})`}`
  })
}

const bidirectional = (layer: unknown, options: object = {}): string[] =>
  problems({ type: 'bidirectional', layer, ...options })
const distributed = (layer: unknown, input?: number[]): string[] =>
  problems({ type: 'time_distributed', layer }, input)

describe('a layer inside a layer', () => {
  it('may be a name in any spelling or a map', () => {
    expect(distributed('Flatten', [4, 3, 2])).toEqual([])
    expect(bidirectional({ type: 'LSTM', units: 2 })).toEqual([])
  })

  it('is checked with the path to its own keys', () => {
    const at = (path: string): unknown[] => [expect.stringMatching(new RegExp(`^${path}: `))]
    expect(bidirectional({ type: 'lstm', units: 0 })).toEqual(at('layer.units'))
    expect(bidirectional({ type: 'lstm', units: 2, unitz: 2 })).toEqual(at('layer.unitz'))
    expect(bidirectional({ type: 'lstn', units: 2 })).toEqual(at('layer.type'))
    expect(bidirectional('lstn')).toEqual(at('layer'))
    expect(bidirectional({ type: 'gru', units: 2, activation: 'rellu' })).toEqual(at('layer.activation'))
    expect(distributed({ type: 'bidirectional', layer: { type: 'gru', units: '2' } }, [2, 4, 3])).toEqual(
      at('layer.layer.units'),
    )
    expect(bidirectional({ type: 'gru', units: 2 }, { backward_layer: { type: 'gru' } })).toEqual(
      at('backward_layer.units'),
    )
  })

  it('is checked for its shape with the path to its own keys', () => {
    const reshape = { type: 'reshape', target_shape: [2, 2] }
    expect(distributed(reshape)).toEqual([expect.stringMatching(/^layer\.target_shape: /)])
    expect(distributed({ type: 'time_distributed', layer: reshape }, [2, 4, 3])).toEqual([
      expect.stringMatching(/^layer\.layer\.target_shape: /),
    ])
    expect(distributed({ type: 'lstm', units: 2 })).toEqual([
      'layer: expected an input of shape [steps, features], got [3] (the input of a recurrent layer is a row of features for each step)',
    ])
  })

  it('takes what its wrapper takes', () => {
    expect(distributed('add')).toEqual(['layer: add merges several inputs: it cannot be wrapped'])
    expect(distributed({ type: 'dense', units: 1, from: 'input' })).toEqual([
      'layer.from: a wrapped layer takes what its wrapper takes',
    ])
  })
})

describe('time_distributed', () => {
  it('needs steps', () => {
    expect(distributed({ type: 'dense', units: 1 }, [4])).toEqual([
      ': expected an input of shape [steps, ...] with at least one more axis, got [4]',
    ])
  })
})

describe('bidirectional', () => {
  const lstm = { type: 'lstm', units: 2 }

  it('wraps recurrent layers only', () => {
    expect(bidirectional({ type: 'dense', units: 2 })).toEqual([
      'layer: bidirectional wraps a recurrent layer, not dense (use one of: simple_rnn, lstm, gru)',
    ])
  })

  it('has one output', () => {
    expect(bidirectional(lstm, { merge_mode: null })).toEqual([
      'merge_mode: expected concat, sum, mul or ave, got nothing (use one of: concat, sum, mul, ave)',
    ])
  })

  it.each([
    [{ ...lstm, go_backwards: true }, {}, 'layer.go_backwards: both layers go in the same direction'],
    [lstm, { backward_layer: lstm }, 'backward_layer: both layers go in the same direction'],
    [
      lstm,
      { backward_layer: { ...lstm, go_backwards: true, return_sequences: true } },
      'backward_layer: one layer returns sequences and the other does not',
    ],
    [
      lstm,
      { backward_layer: { type: 'gru', units: 3, go_backwards: true }, merge_mode: 'sum' },
      'merge_mode: sum takes two outputs with the same number of units, got 2 and 3',
    ],
  ])('goes in both directions: %j, %j', (layer, options, message) => {
    expect(bidirectional(layer, options)).toEqual([expect.stringContaining(message)])
  })
})

describe('recurrent layers', () => {
  it.each(['simple_rnn', 'lstm', 'gru'])(
    '%s wants sequences and functions that keep the number of units',
    (type) => {
      const wanted = expect.stringContaining(': expected an input of shape [steps, features], got')
      expect(problems({ type, units: 2 }, [4])).toEqual([wanted])
      expect(problems({ type, units: 2 }, [4, 3, 2])).toEqual([wanted])
      expect(problems({ type, units: 2, activation: 'glu' })).toEqual([
        'activation: glu changes the number of units, which must stay',
      ])
    },
  )

  it('say what to do about options of Keras that they leave out', () => {
    const lstm = { type: 'lstm', units: 2 }
    expect(problems({ ...lstm, stateful: true })).toEqual([expect.stringContaining('starts from zeros')])
    expect(problems({ ...lstm, return_state: true })).toEqual([
      expect.stringContaining('do not return their state'),
    ])
    expect(problems({ ...lstm, unroll: true })).toEqual([expect.stringContaining('remove it')])
    expect(problems({ ...lstm, seed: 1 })).toEqual([expect.stringContaining('`seed` at the top of the file')])
    expect(problems({ ...lstm, dropout: 1 })).toEqual(['dropout: expected a number >= 0 and < 1, got 1'])
  })
})

describe('an initializer', () => {
  const dense = (options: object): string[] => problems({ type: 'dense', units: 2, ...options })

  it.each([
    [
      { bias_initializer: 'orthogonal' },
      'orthogonal needs two axes or more, but the bias of dense has the shape [2]',
    ],
    [{ bias_initializer: 'identity' }, 'identity makes matrices, but the bias of dense has the shape [2]'],
  ])('refuses a weight whose shape it cannot fill: %j', (options, message) => {
    expect(dense(options)).toEqual([`: ${message}`])
  })

  it('has no seed of its own', () => {
    expect(dense({ kernel_initializer: { type: 'glorot_uniform', seed: 3 } })).toEqual([
      'kernel_initializer.seed: unknown key "seed" (every random choice derives from the `seed` at the top of the file: remove this one)',
    ])
  })
})
