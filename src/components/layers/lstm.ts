import * as z from 'zod'

import { defineLayer } from './layer.ts'
import {
  gatedOptions,
  recurrentGates,
  recurrentParameters,
  recurrentShape,
  recurrentTopology,
  recur,
} from './recurrence.ts'
import type { CellTools, RecurrentStep } from './recurrence.ts'

/** Hochreiter and Schmidhuber (1997); gates: input, forget, candidate, output. Keras symbol: keras.layers.LSTM. */
export const lstm = defineLayer({
  type: 'lstm',
  keras: 'LSTM',
  summary: 'Long short-term memory: gates decide what to keep, to add and to show at each step',
  masking: 'use',
  recurrent: 'one way',
  options: () => ({
    ...gatedOptions(),
    unit_forget_bias: z.boolean().default(true).describe('Start the bias of the forget gate at 1'),
  }),
  shapedBy: ['units', 'activation', 'recurrent_activation', 'return_sequences'],
  outputShape: recurrentShape,
  parameters(config, input) {
    const { units, unit_forget_bias, bias_initializer: initializer } = config
    const parts = [
      { shape: [units], initializer },
      { shape: [units], initializer: { type: 'ones' } },
      { shape: [2 * units], initializer },
    ]
    return recurrentParameters(config, input, 4, unit_forget_bias ? { parts } : {})
  },
  forward: (context, config, x) => recur(context, config, x, 4, cell),
  gates: recurrentGates(3, 4, () => cell),
  topology: (keras, config, input) =>
    recurrentTopology(keras, 'LSTM', config, input, { unit_forget_bias: config.unit_forget_bias }),
})

function cell({ b, activation, recurrentActivation, gate, recurrent }: CellTools): RecurrentStep {
  const fromState = recurrent()
  return (step, state) => {
    const sum = b.add(step, fromState(state.h))
    const input = recurrentActivation(gate(sum, 0))
    const forget = recurrentActivation(gate(sum, 1))
    const candidate = activation(gate(sum, 2))
    const output = recurrentActivation(gate(sum, 3))
    const c = b.add(b.mul(forget, state.c), b.mul(input, candidate))
    return { h: b.mul(output, activation(c)), c }
  }
}
