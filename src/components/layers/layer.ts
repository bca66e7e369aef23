import type { Builder } from '../../ir/builder.ts'
import type { Shape, Value } from '../../ir/ir.ts'
import type { Component, ComponentConfig, Configured, Options } from '../../registry.ts'
import type { KerasTensor, Topology } from '../topology.ts'

/** Part of a weight's initial values. */
export type InitialPart = { readonly shape: Shape; readonly initializer: ComponentConfig }

/** A weight of a layer. */
export type ParameterSpec = {
  readonly name: string
  readonly shape: Shape
  readonly initializer: ComponentConfig
  /** Parts that start differently, to be concatenated. */
  readonly parts?: readonly InitialPart[]
  /** False for statistics that training assigns instead of descending. */
  readonly trainable?: boolean
  readonly regularizer?: ComponentConfig | null
  readonly constraint?: ComponentConfig | null
  /** The object inside the Keras layer that holds it; default: the layer itself. */
  readonly holder?: 'cell'
}

/** Tools of a forward pass beside its inputs. */
export type ForwardContext = {
  readonly b: Builder
  /** Dropout drops, batch normalization uses the batch's statistics. */
  readonly training: boolean
  /** False in a frozen layer. */
  readonly trainable: boolean
  /** One of the layer's own parameters. */
  parameter(name: string): Value
  /** Gives a parameter that is not trainable its value after this training step. */
  assign(name: string, value: Value): void
  /** Uniform numbers in [0, 1) of this layer, this purpose and this step. */
  uniform(purpose: string, shape: Shape): Value
  /** For each input, f32 [batch, steps] with 0 at the steps to skip, where something upstream masks. */
  readonly masks: readonly (Value | undefined)[]
  /** Masks the output; layers that pass masks on (`masking: 'pass'`) need not call it. */
  setMask(mask: Value | undefined): void
  /** Adds a scalar penalty to the loss. */
  penalize(penalty: Value): void
  /** The context of a layer wrapped by this one: its parameters and streams are prefixed. */
  inner(prefix: string): ForwardContext
}

/**
 * A layer. Shapes in `outputShape` and `parameters` are without the batch axis; values in `forward` have it first.
 * The options `name`, `from` and `trainable` belong to every layer and are not listed by each.
 */
export interface LayerComponent<O extends Options = Options> extends Component<O>, LayerTraits {
  readonly arity: 'one' | 'several'
  /** The options that `outputShape` reads: where they are valid, the shape is known whatever else is wrong. */
  readonly shapedBy: readonly string[]
  /** Throws a ShapeError for inputs that it cannot take. */
  outputShape(config: Configured<O>, inputs: readonly Shape[]): Shape
  parameters(config: Configured<O>, inputs: readonly Shape[]): readonly ParameterSpec[]
  forward(context: ForwardContext, config: Configured<O>, inputs: readonly Value[]): Value
  /** The same function as layers of TensorFlow.js, plain data. */
  topology(keras: Topology, config: Configured<O>, inputs: readonly KerasTensor[]): KerasTensor
  /** The file with the vectors that its first parameter begins with, one for each word of a text. */
  vectorsPath?(config: Configured<O>): string | undefined
  /** The activation whose output is the layer's own. */
  activated?(config: Configured<O>): ComponentConfig
  gates?(config: Configured<O>): readonly Gates[]
}

/** Values inside a recurrent layer that let others through: [batch, steps, width], and the activation that makes them. */
export type Gates = {
  readonly activation: ComponentConfig
  readonly width: number
  forward(context: ForwardContext, x: Value): Value
}

type LayerTraits = {
  /** Handling of its input's mask: dropped (default), passed on, or used by the layer itself. */
  readonly masking?: 'drop' | 'pass' | 'use'
  /** Stands for other layers, in a list of layers only. */
  readonly composes?: true
  /** Takes the steps of its input [batch, steps, features] one after the other, in one direction or in both. */
  readonly recurrent?: 'one way' | 'both ways'
}

/** A layer of one input, as its file writes it. */
interface LayerDefinition<O extends Options, S extends keyof Configured<O>>
  extends Component<O>, LayerTraits {
  readonly shapedBy?: readonly S[]
  outputShape(config: Pick<Configured<O>, S>, input: Shape): Shape
  parameters?(config: Configured<O>, input: Shape): readonly ParameterSpec[]
  forward(context: ForwardContext, config: Configured<O>, x: Value): Value
  topology(keras: Topology, config: Configured<O>, input: KerasTensor): KerasTensor
  vectorsPath?(config: Configured<O>): string | undefined
  activated?(config: Configured<O>): ComponentConfig
  gates?(config: Configured<O>): readonly Gates[]
}

/** A layer that merges several inputs, as its file writes it. */
interface MergeDefinition<O extends Options, S extends keyof Configured<O>> extends Omit<
  LayerComponent<O>,
  'arity' | 'parameters' | 'shapedBy' | 'outputShape'
> {
  readonly shapedBy?: readonly S[]
  outputShape(config: Pick<Configured<O>, S>, inputs: readonly Shape[]): Shape
}

/** Defines a layer of one input. */
export function defineLayer<O extends Options, S extends keyof Configured<O> & string = never>(
  definition: LayerDefinition<O, S>,
): LayerComponent<O> {
  const { shapedBy = [] } = definition
  return {
    ...definition,
    shapedBy,
    arity: 'one',
    outputShape: (config, inputs) => definition.outputShape(config, only(inputs)),
    parameters: (config, inputs) => definition.parameters?.(config, only(inputs)) ?? [],
    forward: (context, config, inputs) => definition.forward(context, config, only(inputs)),
    topology: (keras, config, inputs) => definition.topology(keras, config, only(inputs)),
  }
}

/** Defines a layer that merges several inputs and has no parameters. */
export function defineMergeLayer<O extends Options, S extends keyof Configured<O> & string = never>(
  definition: MergeDefinition<O, S>,
): LayerComponent<O> {
  return { shapedBy: [], ...definition, arity: 'several', parameters: () => [] }
}

function only<T>([input]: readonly T[]): T {
  if (input === undefined) throw new Error('a layer of one input was given none')
  return input
}
