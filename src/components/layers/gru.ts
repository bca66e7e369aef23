import * as z from 'zod'

import type { Value } from '../../ir/ir.ts'
import { defineLayer } from './layer.ts'
import {
  gatedOptions,
  recurrentGates,
  recurrentParameters,
  recurrentShape,
  recurrentTopology,
  recur,
} from './recurrence.ts'
import type { CellSteps, CellTools, RecurrentConfig, RecurrentStep } from './recurrence.ts'

/** Cho et al. (2014); gates: update, reset, candidate. Keras symbol: keras.layers.GRU. */
export const gru = defineLayer({
  type: 'gru',
  keras: 'GRU',
  summary: 'Gated recurrent unit: one gate mixes old and new state, another forgets the old one',
  masking: 'use',
  recurrent: 'one way',
  options: () => ({
    ...gatedOptions(),
    reset_after: z
      .boolean()
      .default(true)
      .describe('Apply the reset gate after the product with the recurrent kernel, with a bias of its own'),
  }),
  shapedBy: ['units', 'activation', 'recurrent_activation', 'return_sequences'],
  outputShape: recurrentShape,
  parameters: (config, input) =>
    recurrentParameters(config, input, 3, config.reset_after ? { shape: [2, 3 * config.units] } : {}),
  forward: (context, config, x) => recur(context, config, x, 3, cellOf(config)),
  gates: recurrentGates<GruConfig>(2, 3, cellOf),
  topology(keras, config, input) {
    const { reset_after } = config
    if (reset_after) keras.unsupported('gru with reset_after')
    return recurrentTopology(keras, 'GRU', config, input, { reset_after })
  },
})

type GruConfig = RecurrentConfig & { readonly reset_after: boolean }

function cellOf({ reset_after }: GruConfig): CellSteps {
  return reset_after ? resetAfter : resetBefore
}

function resetAfter(tools: CellTools): RecurrentStep {
  const { b, activation, recurrentActivation, gate, recurrent } = tools
  const fromState = recurrent()
  return (step, { h, c }) => {
    const product = fromState(h)
    const update = recurrentActivation(b.add(gate(step, 0), gate(product, 0)))
    const reset = recurrentActivation(b.add(gate(step, 1), gate(product, 1)))
    const candidate = activation(b.add(gate(step, 2), b.mul(reset, gate(product, 2))))
    return { h: mix(tools, update, h, candidate), c }
  }
}

function resetBefore(tools: CellTools): RecurrentStep {
  const { b, activation, recurrentActivation, gate, recurrent } = tools
  const [gates, fromReset] = [recurrent(0, 2), recurrent(2, 1)]
  return (step, { h, c }) => {
    const product = gates(h)
    const update = recurrentActivation(b.add(gate(step, 0), gate(product, 0)))
    const reset = recurrentActivation(b.add(gate(step, 1), gate(product, 1)))
    const candidate = activation(b.add(gate(step, 2), fromReset(b.mul(reset, h))))
    return { h: mix(tools, update, h, candidate), c }
  }
}

/** update * old + (1 - update) * new. */
function mix({ b }: CellTools, update: Value, old: Value, candidate: Value): Value {
  return b.add(b.mul(update, old), b.mul(b.sub(1, update), candidate))
}
