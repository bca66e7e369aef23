import { defineLayer } from './layer.ts'
import {
  recurrentOptions,
  recurrentParameters,
  recurrentShape,
  recurrentTopology,
  recur,
} from './recurrence.ts'

/** Elman (1990). Keras symbol: keras.layers.SimpleRNN. */
export const simpleRnn = defineLayer({
  type: 'simple_rnn',
  keras: 'SimpleRNN',
  summary: 'A dense layer that also takes its own output of the step before',
  masking: 'use',
  recurrent: 'one way',
  options: recurrentOptions,
  shapedBy: ['units', 'activation', 'return_sequences'],
  outputShape: recurrentShape,
  parameters: (config, input) => recurrentParameters(config, input, 1),
  forward: (context, config, x) =>
    recur(context, config, x, 1, ({ b, activation, recurrent }) => {
      const fromState = recurrent()
      return (step, { h, c }) => ({ h: activation(b.add(step, fromState(h))), c })
    }),
  activated: ({ activation }) => activation,
  topology: (keras, config, input) => recurrentTopology(keras, 'SimpleRNN', config, input),
})
