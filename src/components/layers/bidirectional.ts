import { isDeepStrictEqual } from 'node:util'

import * as z from 'zod'

import type { Builder } from '../../ir/builder.ts'
import type { Shape, Value } from '../../ir/ir.ts'
import { isMap } from '../../registry.ts'
import type { ComponentConfig } from '../../registry.ts'
import { ShapeError } from '../shape-error.ts'
import { mayEqual } from '../unknown-size.ts'
import { defineLayer } from './layer.ts'
import { wrappedContext, wrappedGates, wrappedParameters, wrappedShape } from './wrapper.ts'
import type { LayerFamily } from './wrapper.ts'

const WRAPPED = ['simple_rnn', 'lstm', 'gru']
/** The names of the layers of both directions. */
const [FORWARD, BACKWARD] = ['forward_layer', 'backward_layer'] as const

type BidirectionalOptions = {
  readonly layer: ComponentConfig
  readonly backward_layer: ComponentConfig | null
  readonly merge_mode: 'concat' | 'sum' | 'mul' | 'ave'
}

/** Schuster and Paliwal (1997). Keras symbol: keras.layers.Bidirectional. */
export const bidirectional = (layers: LayerFamily) =>
  defineLayer({
    type: 'bidirectional',
    fromKeras: withoutDerived,
    summary: 'Runs a recurrent layer over the steps in both directions and merges the two outputs',
    masking: 'use',
    recurrent: 'both ways',
    options: () => ({
      layer: layers().ref().describe('The recurrent layer, as in `{type: lstm, units: 8}`'),
      merge_mode: z
        .enum(['concat', 'sum', 'mul', 'ave'])
        .default('concat')
        .describe('How the two outputs become one: joined, added, multiplied or averaged'),
      backward_layer: layers()
        .ref()
        .describe('The layer for the backward direction; default: one like `layer`')
        .nullable()
        .default(null),
    }),
    shapedBy: ['layer', 'backward_layer', 'merge_mode'],
    outputShape(config, input) {
      const [forward, backward] = directions(config)
      const there = wrappedShape(layers, 'layer', forward, input)
      const back = wrappedShape(layers, backwardOption(config), backward, input)
      if (config.merge_mode !== 'concat' && !mayEqual(there.at(-1), back.at(-1))) {
        const message = `${config.merge_mode} takes two outputs with the same number of units, got ${there.at(-1)} and ${back.at(-1)}`
        throw new ShapeError(message, { option: 'merge_mode' })
      }
      return mergedShape(config, there, back)
    },
    parameters(config, input) {
      const [forward, backward] = directions(config)
      return [
        ...wrappedParameters(layers, FORWARD, forward, input),
        ...wrappedParameters(layers, BACKWARD, backward, input),
      ]
    },
    forward(context, config, x) {
      const [forward, backward] = directions(config)
      const run = (name: string, layer: ComponentConfig): Value =>
        layers()
          .of(layer)
          .forward(wrappedContext(context, name, layer), layer, [x])
      const there = run(FORWARD, forward)
      const back = run(BACKWARD, backward)
      const inOrder = backward['return_sequences'] === true ? context.b.reverse(back, 1) : back
      return merge(context.b, config.merge_mode, there, inOrder)
    },
    gates(config) {
      const [forward, backward] = directions(config)
      return [...wrappedGates(layers, FORWARD, forward), ...wrappedGates(layers, BACKWARD, backward)]
    },
    topology(keras, config, input) {
      const { merge_mode, backward_layer } = config
      const [forward] = directions(config)
      if (backward_layer !== null) keras.unsupported('bidirectional with a backward_layer')
      const wrapping: typeof keras = {
        ...keras,
        layer: (className, inner, inputs, shape, weights = {}) =>
          keras.layer(
            'Bidirectional',
            { merge_mode },
            inputs,
            mergedShape(config, shape, shape),
            Object.fromEntries(
              [FORWARD, BACKWARD].flatMap((side) =>
                Object.entries(weights).map(([weight, name]) => [`${side}/${weight}`, `${side}/${name}`]),
              ),
            ),
            // TensorFlow.js puts forward_ and backward_ before this name.
            { className, config: { ...inner, name: 'layer' } },
          ),
      }
      return layers().of(forward).topology(wrapping, forward, [input])
    },
  })

/** Keras saves what it derives: the backward layer, and that masked steps are zeroed. */
function withoutDerived({
  layer,
  backward_layer: backward,
  ...rest
}: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  if (!isMap(layer) || !isMap(backward)) return { layer, ...rest }
  const { zero_output_for_mask: _forward, ...forward } = layer
  const { zero_output_for_mask: _backward, go_backwards: _reversed, ...mirrored } = backward
  const isDerived = isDeepStrictEqual(forward, mirrored)
  return { layer: forward, ...(!isDerived && { backward_layer: backward }), ...rest }
}

/** The forward and the backward layer; Keras zeroes the masked steps of what they return as sequences. */
export function directions({
  layer,
  backward_layer,
}: BidirectionalOptions): readonly [ComponentConfig, ComponentConfig] {
  for (const [option, config] of Object.entries({ layer, backward_layer })) {
    if (config !== null && !WRAPPED.includes(config.type)) {
      const hint = `use one of: ${WRAPPED.join(', ')}`
      throw new ShapeError(`bidirectional wraps a recurrent layer, not ${config.type}`, { option, hint })
    }
  }
  const zeroed = { zero_output_for_mask: layer['return_sequences'] === true }
  const backward = backward_layer ?? { ...layer, go_backwards: true }
  if (backward['go_backwards'] === layer['go_backwards']) {
    throw new ShapeError('both layers go in the same direction', {
      option: backward_layer === null ? ['layer', 'go_backwards'] : 'backward_layer',
      hint: 'leave go_backwards out of `layer`, and set it to true in `backward_layer`',
    })
  }
  if (backward['return_sequences'] !== layer['return_sequences']) {
    const message = 'one layer returns sequences and the other does not'
    throw new ShapeError(message, { option: 'backward_layer', hint: 'give both the same return_sequences' })
  }
  return [
    { ...layer, ...zeroed },
    { ...backward, ...zeroed },
  ]
}

function backwardOption({ backward_layer }: BidirectionalOptions): string {
  return backward_layer === null ? 'layer' : 'backward_layer'
}

function mergedShape({ merge_mode }: BidirectionalOptions, there: Shape, back: Shape): Shape {
  return merge_mode === 'concat' ? there.with(-1, (there.at(-1) ?? 0) + (back.at(-1) ?? 0)) : there
}

function merge(b: Builder, mode: BidirectionalOptions['merge_mode'], there: Value, back: Value): Value {
  switch (mode) {
    case 'concat':
      return b.concat([there, back])
    case 'sum':
      return b.add(there, back)
    case 'mul':
      return b.mul(there, back)
    case 'ave':
      return b.mul(b.add(there, back), 0.5)
  }
}
