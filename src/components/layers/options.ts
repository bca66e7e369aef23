import * as z from 'zod'

import type { Shape, Value } from '../../ir/ir.ts'
import type { ComponentConfig, Configured } from '../../registry.ts'
import { activations } from '../activations/index.ts'
import { constraints } from '../constraints/index.ts'
import { initializers } from '../initializers/index.ts'
import { regularizers } from '../regularizers/index.ts'
import type { ForwardContext, ParameterSpec } from './layer.ts'

/** The option `activation`. */
export function activationOption(type = 'linear') {
  return activations.ref().prefault(type).describe('Function of the output')
}

/** An option that names an initializer, as in `kernel_initializer`. */
export function initializerOption(weight: string, type: string) {
  return initializers.ref().prefault(type).describe(`Initial values of the ${weight}`)
}

/** An option that names a regularizer, as in `kernel_regularizer`. */
export function regularizerOption(of: string) {
  return regularizers.ref().nullable().default(null).describe(`Penalty on the ${of}, added to the loss`)
}

/** An option that names a constraint, as in `kernel_constraint`. */
export function constraintOption(weight: string) {
  return constraints.ref().nullable().default(null).describe(`Bound put on the ${weight} after each update`)
}

/** The options of a layer with a kernel and an optional bias: `kernel_initializer` and so on. */
export function kernelAndBiasOptions() {
  return {
    use_bias: z.boolean().default(true).describe('Add a bias'),
    kernel_initializer: initializerOption('kernel', 'glorot_uniform'),
    bias_initializer: initializerOption('bias', 'zeros'),
    kernel_regularizer: regularizerOption('kernel'),
    bias_regularizer: regularizerOption('bias'),
    activity_regularizer: regularizerOption('output'),
    kernel_constraint: constraintOption('kernel'),
    bias_constraint: constraintOption('bias'),
  }
}

/** The options of `kernelAndBiasOptions` that do not concern the kernel. */
export function biasOptions() {
  const { use_bias, bias_initializer, bias_regularizer, activity_regularizer, bias_constraint } =
    kernelAndBiasOptions()
  return { use_bias, bias_initializer, bias_regularizer, activity_regularizer, bias_constraint }
}

type OutputOptions = {
  readonly activation: ComponentConfig
  readonly activity_regularizer?: ComponentConfig | null
}

/** The shape that the activation makes of a shape without the batch axis. */
export function activatedShape({ activation }: OutputOptions, shape: Shape): Shape {
  return activations.of(activation).outputShape?.(activation, shape) ?? shape
}

/** Ends a forward pass: the activation, and the penalty on what it yields. */
export function activate(context: ForwardContext, x: Value, options: OutputOptions): Value {
  const { activation } = options
  return penalized(context, activations.of(activation).apply(context.b, x, activation), options)
}

/** The output of a layer, on which its activity regularizer puts a penalty: that of the batch over its rows, as in Keras. */
export function penalized(
  { b, penalize }: ForwardContext,
  output: Value,
  { activity_regularizer }: Pick<OutputOptions, 'activity_regularizer'>,
): Value {
  if (activity_regularizer) {
    const penalty = regularizers.of(activity_regularizer).penalty(b, output, activity_regularizer)
    penalize(b.div(penalty, output.shape[0] ?? 1))
  }
  return output
}

/** The kernel and the bias of a layer with `kernelAndBiasOptions`. */
export function kernelAndBias(
  config: Configured<ReturnType<typeof kernelAndBiasOptions>>,
  kernel: Shape,
  units: number,
): ParameterSpec[] {
  return [
    {
      name: 'kernel',
      shape: kernel,
      initializer: config.kernel_initializer,
      regularizer: config.kernel_regularizer,
      constraint: config.kernel_constraint,
    },
    ...bias(config, units),
  ]
}

/** The bias of a layer with `biasOptions`, if it has one. */
export function bias(config: Configured<ReturnType<typeof biasOptions>>, units: number): ParameterSpec[] {
  if (!config.use_bias) return []
  return [
    {
      name: 'bias',
      shape: [units],
      initializer: config.bias_initializer,
      regularizer: config.bias_regularizer,
      constraint: config.bias_constraint,
    },
  ]
}
