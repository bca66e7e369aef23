import * as z from 'zod'

import type { Builder } from '../../ir/builder.ts'
import type { Shape, Value } from '../../ir/ir.ts'
import { scan } from '../../ir/scan.ts'
import type { ScanResults, StepResults } from '../../ir/scan.ts'
import type { ComponentConfig, Configured } from '../../registry.ts'
import { activations } from '../activations/index.ts'
import { ShapeError } from '../shape-error.ts'
import type { KerasConfig, KerasTensor, Topology } from '../topology.ts'
import type { ForwardContext, Gates, InitialPart, ParameterSpec } from './layer.ts'
import {
  activatedShape,
  activationOption,
  constraintOption,
  initializerOption,
  penalized,
  regularizerOption,
} from './options.ts'

/** The options that every recurrent layer has. Keras symbols: keras.layers.RNN and its layers. */
export function recurrentOptions() {
  const rate = z.number().min(0).lt(1).default(0)
  return {
    units: z.int().positive().describe('Number of outputs'),
    activation: activationOption('tanh'),
    use_bias: z.boolean().default(true).describe('Add a bias'),
    kernel_initializer: initializerOption('kernel', 'glorot_uniform'),
    recurrent_initializer: initializerOption('recurrent kernel', 'orthogonal'),
    bias_initializer: initializerOption('bias', 'zeros'),
    kernel_regularizer: regularizerOption('kernel'),
    recurrent_regularizer: regularizerOption('recurrent kernel'),
    bias_regularizer: regularizerOption('bias'),
    activity_regularizer: regularizerOption('output'),
    kernel_constraint: constraintOption('kernel'),
    recurrent_constraint: constraintOption('recurrent kernel'),
    bias_constraint: constraintOption('bias'),
    dropout: rate.describe('Share of the input features set to 0 in training, the same at all steps'),
    recurrent_dropout: rate.describe('Share of the state set to 0 in training, the same at all steps'),
    return_sequences: z
      .boolean()
      .default(false)
      .describe('Return the output of every step instead of that of the last'),
    go_backwards: z
      .boolean()
      .default(false)
      .describe('Process the steps from last to first; outputs keep that order'),
    zero_output_for_mask: z
      .boolean()
      .default(false)
      .describe('Output zeros at skipped steps instead of the output of the step before'),
  }
}

/** The options of a recurrent layer with gates. */
export function gatedOptions() {
  return {
    ...recurrentOptions(),
    recurrent_activation: activationOption('sigmoid').describe('Function of the gates'),
  }
}

export type RecurrentConfig = Configured<ReturnType<typeof recurrentOptions>> & {
  readonly recurrent_activation?: ComponentConfig
}

type ShapeConfig = Pick<RecurrentConfig, 'units' | 'activation' | 'recurrent_activation' | 'return_sequences'>

/** [steps, units], or [units] without `return_sequences`. */
export function recurrentShape(config: ShapeConfig, input: Shape): Shape {
  const { units, activation, recurrent_activation, return_sequences } = config
  const [steps = 0, features] = input
  if (features === undefined || input.length > 2) {
    const hint = 'the input of a recurrent layer is a row of features for each step'
    throw new ShapeError(`expected an input of shape [steps, features], got [${input.join(', ')}]`, { hint })
  }
  for (const [option, used] of Object.entries({ activation, recurrent_activation })) {
    if (used !== undefined && activatedShape({ activation: used }, [units])[0] !== units)
      throw new ShapeError(`${used.type} changes the number of units, which must stay`, { option })
  }
  return return_sequences ? [steps, units] : [units]
}

/** The kernels [features, gates * units] and [units, gates * units], and the bias, by default [gates * units]. */
export function recurrentParameters(
  config: RecurrentConfig,
  input: Shape,
  gates: number,
  bias: { readonly shape?: Shape; readonly parts?: readonly InitialPart[] } = {},
): ParameterSpec[] {
  const columns = gates * config.units
  const specs: ParameterSpec[] = [
    {
      name: 'kernel',
      holder: 'cell',
      shape: [input.at(-1) ?? 0, columns],
      initializer: config.kernel_initializer,
      regularizer: config.kernel_regularizer,
      constraint: config.kernel_constraint,
    },
    {
      name: 'recurrent_kernel',
      holder: 'cell',
      shape: [config.units, columns],
      initializer: config.recurrent_initializer,
      regularizer: config.recurrent_regularizer,
      constraint: config.recurrent_constraint,
    },
  ]
  if (!config.use_bias) return specs
  return [
    ...specs,
    {
      name: 'bias',
      holder: 'cell',
      shape: [columns],
      ...bias,
      initializer: config.bias_initializer,
      regularizer: config.bias_regularizer,
      constraint: config.bias_constraint,
    },
  ]
}

/** State of a recurrent layer, [batch, units] each: its output h, and the carry c, which only an LSTM uses. */
type RecurrentState = { readonly h: Value; readonly c: Value }

/** From the projected input of a step, [batch, gates * units], and the state before it, to the state after it. */
export type RecurrentStep = (x: Value, state: RecurrentState) => RecurrentState

export type CellTools = {
  readonly b: Builder
  activation(x: Value): Value
  recurrentActivation(x: Value): Value
  /** The columns [batch, units] of a projection that belong to one gate. */
  gate(x: Value, index: number): Value
  /** The projection of the state to `count` gates from `first` on, by default to all of them. */
  recurrent(first?: number, count?: number): (h: Value) => Value
}

/** Writes the step of a cell. */
export type CellSteps = (tools: CellTools) => RecurrentStep

/**
 * Runs a cell over the steps of x, [batch, steps, features]. A bias of two rows has one for the input and one for
 * the state. Masked steps leave the states as they are.
 */
export function recur(
  context: ForwardContext,
  config: RecurrentConfig,
  x: Value,
  gates: number,
  cell: CellSteps,
): Value {
  const { b, setMask } = context
  const { units, go_backwards, return_sequences, zero_output_for_mask } = config
  const [batch = 0, steps = 0] = x.shape
  const [mask] = context.masks
  const { finals, stacks } = overSteps(context, config, x, gates, cell, ({ output }) =>
    return_sequences ? [output] : [],
  )
  const zeros = b.constant(0, [batch, units])
  const [last = zeros, sequence = zeros] = [finals[0], stacks[0]]
  if (return_sequences) {
    setMask(mask)
    return penalized(context, go_backwards ? b.reverse(sequence, 1) : sequence, config)
  }
  const kept = mask && zero_output_for_mask && b.sliceAxis(mask, 1, go_backwards ? 0 : steps - 1, 1)
  return penalized(context, kept ? b.select(kept, last, zeros) : last, config)
}

/** Values of the recurrent activation in a cell: `opened` values for each unit, at every step. */
export function recurrentGates<C extends RecurrentConfig>(
  opened: number,
  gates: number,
  cellOf: (config: C) => CellSteps,
): (config: C) => readonly Gates[] {
  return (config) => [
    {
      activation: config.recurrent_activation ?? config.activation,
      width: opened * config.units,
      forward(context, x) {
        const { stacks } = overSteps(context, config, x, gates, cellOf(config), (step) => [
          step.body.concat(step.opened),
        ])
        const [values] = stacks
        if (values === undefined) throw new Error('a recurrent layer without gates')
        return values
      },
    },
  ]
}

/** A step that was written: its output, and what the recurrent activation made in it. */
type WrittenStep = { readonly body: Builder; readonly output: Value; readonly opened: readonly Value[] }

function overSteps(
  context: ForwardContext,
  config: RecurrentConfig,
  x: Value,
  gates: number,
  cell: CellSteps,
  yielded: (step: WrittenStep) => readonly Value[],
): ScanResults {
  const { b, parameter } = context
  const { units, go_backwards, zero_output_for_mask } = config
  const [batch = 0, steps = 0, features = 0] = x.shape
  const [mask] = context.masks
  const bias = config.use_bias ? parameter('bias') : undefined
  const [inputBias, stateBias] =
    bias?.shape.length === 2
      ? [0, 1].map((row) => b.reshape(b.sliceAxis(bias, 0, row, 1), [gates * units]))
      : [bias]
  // Keras drops once for all gates, but gate by gate where the state is dropped too.
  const drops = config.recurrent_dropout > 0 ? gates : 1
  const inputDrops = dropMasks(context, 'dropout', config.dropout, [batch, 1, features], drops)
  const stateDrops = dropMasks(context, 'recurrent_dropout', config.recurrent_dropout, [batch, units], drops)
  const product = project(b, b, x, parameter('kernel'), inputDrops)
  const projected = inputBias === undefined ? product : b.add(product, inputBias)

  const zeros = b.constant(0, [batch, units])
  return scan(b, { steps, reverse: go_backwards }, [zeros, zeros], (body, at, before) => {
    const [h = zeros, c = zeros] = before
    const opened: Value[] = []
    const projection = { gates, bias: stateBias, drops: stateDrops }
    const step = cell(cellTools(context, body, config, projection, opened))
    const next = step(body.take(projected, at, 1), { h, c })
    const results = (state: RecurrentState, output: Value): StepResults => ({
      states: [state.h, state.c],
      yields: yielded({ body, output, opened }).map((value) => ({ value, axis: 1 })),
    })
    if (mask === undefined) return results(next, next.h)
    const kept = body.reshape(body.take(mask, at, 1), [batch, 1])
    const state = { h: body.select(kept, next.h, h), c: body.select(kept, next.c, c) }
    return results(state, zero_output_for_mask ? body.select(kept, next.h, zeros) : state.h)
  })
}

/** The projection of the state to all gates, beside the kernel. */
type StateProjection = {
  readonly gates: number
  readonly bias: Value | undefined
  readonly drops: readonly Value[]
}

function cellTools(
  { b: outer, parameter }: ForwardContext,
  b: Builder,
  config: RecurrentConfig,
  { gates, bias, drops }: StateProjection,
  opened: Value[],
): CellTools {
  const { units, activation, recurrent_activation = activation } = config
  const gatesOf = (builder: Builder, matrix: Value, first: number, count: number): Value =>
    builder.sliceAxis(matrix, -1, first * units, count * units)
  return {
    b,
    activation: (value) => activations.of(activation).apply(b, value, activation),
    recurrentActivation(value) {
      const gate = activations.of(recurrent_activation).apply(b, value, recurrent_activation)
      opened.push(gate)
      return gate
    },
    gate: (value, index) => gatesOf(b, value, index, 1),
    recurrent(first = 0, count = gates) {
      const kernel = gatesOf(outer, parameter('recurrent_kernel'), first, count)
      const own = bias && gatesOf(outer, bias, first, count)
      const masks = drops.length > 1 ? drops.slice(first, first + count) : drops
      return (h) => {
        const product = project(b, outer, h, kernel, masks)
        return own === undefined ? product : b.add(product, own)
      }
    },
  }
}

/** Inverted dropout: for each of `count` uses a factor of 0 or 1 / (1 - rate); none at all without dropout. */
function dropMasks(
  { b, training, uniform }: ForwardContext,
  purpose: string,
  rate: number,
  shape: Shape,
  count: number,
): Value[] {
  if (!training || rate === 0) return []
  return Array.from({ length: count }, (_, i) =>
    b.mul(b.greaterEqual(uniform(`${purpose}/${i}`, shape), rate), 1 / (1 - rate)),
  )
}

/**
 * x · kernel, with one mask on x for all of the kernel's columns or one for each equal share of them, which are made
 * outside of the loop that x is in.
 */
function project(b: Builder, outer: Builder, x: Value, kernel: Value, masks: readonly Value[]): Value {
  const [first] = masks
  if (masks.length <= 1) return b.matmul(first === undefined ? x : b.mul(x, first), kernel)
  const columns = (kernel.shape[1] ?? 0) / masks.length
  return b.concat(
    masks.map((mask, i) => b.matmul(b.mul(x, mask), outer.sliceAxis(kernel, 1, i * columns, columns))),
  )
}

/** The layer in TensorFlow.js, where all functions inside it must have a name. */
export function recurrentTopology(
  keras: Topology,
  className: string,
  config: RecurrentConfig,
  input: KerasTensor,
  own: KerasConfig = {},
): KerasTensor {
  const { units, use_bias, dropout, recurrent_dropout, return_sequences, go_backwards } = config
  const named = (activation: ComponentConfig): string => {
    const name = activations.of(activation).tfjs?.(activation)
    if (name === undefined) keras.unsupported(`activation ${activation.type} in ${className}`)
    return name ?? activation.type
  }
  const masked = input.masked === true
  if (masked && config.zero_output_for_mask) keras.unsupported(`${className} with zeros at masked steps`)
  const { activation, recurrent_activation } = config
  const functions = {
    activation: named(activation),
    ...(recurrent_activation !== undefined && { recurrent_activation: named(recurrent_activation) }),
  }
  const weights = ['kernel', 'recurrent_kernel', ...(use_bias ? ['bias'] : [])]
  const output = keras.layer(
    className,
    { units, ...functions, use_bias, dropout, recurrent_dropout, return_sequences, go_backwards, ...own },
    [input],
    return_sequences ? [input.shape[0] ?? 0, units] : [units],
    Object.fromEntries(weights.map((name) => [name, name])),
  )
  return { ...output, masked: masked && return_sequences }
}
