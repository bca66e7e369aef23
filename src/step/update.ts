import { constraints } from '../components/constraints/index.ts'
import type { Unfrozen } from './task.ts'
import { optimizers } from '../components/optimizers/index.ts'
import type { OptimizerSlot, Update } from '../components/optimizers/optimizer.ts'
import type { Builder } from '../ir/builder.ts'
import { NEGLIGIBLE } from '../ir/gradient.ts'
import type { Value } from '../ir/ir.ts'
import type { Parameter } from '../model/graph.ts'
import type { ComponentConfig } from '../registry.ts'
import { fixedRate, scheduledRate } from './learning-rate.ts'
import { StepBuilder } from './step-program.ts'
import type { StepProgram } from './step-program.ts'

const AVERAGE = 'average'

/** The state that an optimizer keeps for each parameter; with `use_ema` also the moving average of the weights. */
export function slotsOf(optimizer: ComponentConfig): readonly OptimizerSlot[] {
  const own = optimizers.of(optimizer).slots(optimizer)
  return optimizer['use_ema'] === true ? [...own, { name: AVERAGE, initial: 0 }] : own
}

/**
 * The size below which numbers of an average become 0, lest arithmetic with subnormal numbers delay every step; undefined for
 * other slots. It is so much larger than the smallest normal number that they can shrink by a tenth 64 times, and be multiplied
 * by a learning rate. The square root of the squares' one is far smaller than any epsilon.
 */
export function negligibleOf({ averages }: OptimizerSlot): number | undefined {
  return averages && { gradients: NEGLIGIBLE, squares: 2 ** -112 }[averages]
}

/** The key of a parameter's slot among all of an optimizer's slots. */
export function slotKey(parameter: string, slot: string): string {
  return `${parameter}/${slot}`
}

/**
 * The weights by parameter id that training ends with, where they are the moving averages among the slots. Keras
 * symbol: keras.optimizers.Optimizer.finalize_variable_values.
 */
export function averagedWeights(
  optimizer: ComponentConfig,
  parameters: Iterable<string>,
  slots: ReadonlyMap<string, Float32Array>,
): Map<string, Float32Array> | undefined {
  if (optimizer['use_ema'] !== true) return undefined
  return new Map(
    [...parameters].flatMap((id) => {
      const average = slots.get(slotKey(id, AVERAGE))
      return average === undefined ? [] : [[id, average]]
    }),
  )
}

/** The scalars that an optimizer keeps for all parameters together. */
export function stateOf(optimizer: ComponentConfig): readonly OptimizerSlot[] {
  return optimizers.of(optimizer).state ?? []
}

/**
 * The program of one update. It takes parameters with their gradients, slots and state, the iterations and the factor,
 * and yields new parameters, slots and state. The order is that of keras.optimizers.Optimizer.apply: clip, decay,
 * update, average, constrain.
 */
export function buildUpdate(
  optimizer: ComponentConfig,
  parameters: readonly Parameter[],
  unfrozen?: Unfrozen,
): StepProgram {
  const step = new StepBuilder()
  const descents = parameters.map((parameter) => ({
    parameter,
    value: step.input('parameters', parameter.id, parameter.shape),
    gradient: step.input('gradients', parameter.id, parameter.shape),
  }))
  appendUpdate(step, optimizer, descents, unfrozen)
  return step.build()
}

/** A parameter, its value and the gradient of the loss to it. */
export type Descent = { readonly parameter: Parameter; readonly value: Value; readonly gradient: Value }

/** Appends all of `buildUpdate` but the parameters and the gradients. */
export function appendUpdate(
  step: StepBuilder,
  optimizer: ComponentConfig,
  descents: readonly Descent[],
  unfrozen: Unfrozen = new Map(),
): void {
  const { b } = step
  const component = optimizers.of(optimizer)
  const iterations = step.single('iterations', 'f32')
  const factor = step.single('factor', 'f32')
  // A number is data: models that differ in it have one program.
  const rate =
    fixedRate(optimizer) === undefined
      ? scheduledRate(b, optimizer, iterations)
      : step.single('learningRate', 'f32')
  const learningRate = b.mul(rate, factor)
  const decayed = decayOf(b, optimizer, { rate, factor })
  const stepNumber = b.add(iterations, 1)
  const state = Object.fromEntries(
    stateOf(optimizer).map(({ name }) => [name, step.input('state', name, [])]),
  )
  const advanced = component.advance?.(b, { state, step: stepNumber }, optimizer) ?? {}
  for (const [name, value] of Object.entries(advanced)) step.assign('state', name, value)

  const gradients = clip(
    b,
    optimizer,
    descents.map(({ gradient }) => gradient),
  )
  for (const [i, descent] of descents.entries()) {
    const gradient = gradients[i]
    if (gradient === undefined) continue
    const since = unfrozen.get(descent.parameter.layer)
    // Slots that began later are corrected for their own age.
    const age = since === undefined ? stepNumber : b.add(iterations, 1 - since)
    const value = decayed ? b.sub(descent.value, b.mul(descent.value, decayed)) : descent.value
    const scalars = { state, learningRate, step: age }
    updateParameter(step, optimizer, { ...descent, value, gradient }, scalars)
  }
}

function updateParameter(
  step: StepBuilder,
  optimizer: ComponentConfig,
  { parameter: { id, shape, constraint }, value, gradient }: Descent,
  scalars: Pick<Update, 'state' | 'learningRate' | 'step'>,
): void {
  const { b } = step
  const slots = Object.fromEntries(
    slotsOf(optimizer).map(({ name }) => [name, step.input('slots', slotKey(id, name), shape)]),
  )
  const { [AVERAGE]: average, ...own } = slots
  const updated = optimizers
    .of(optimizer)
    .update(b, { parameter: value, gradient, slots: own, ...scalars }, optimizer)
  let after = updated.parameter
  if (average !== undefined) {
    const momentum = number(optimizer, 'ema_momentum') ?? 0.99
    const kept = b.add(b.mul(average, momentum), b.mul(after, 1 - momentum))
    // The first update's average is the weights themselves.
    const mean = b.select(b.equal(scalars.step, 1), after, kept)
    step.assign('slots', slotKey(id, AVERAGE), mean)
    const every = number(optimizer, 'ema_overwrite_frequency')
    if (every !== undefined) after = b.select(isDue(b, scalars.step, every), mean, after)
  }
  if (constraint) after = constraints.of(constraint).project(b, after, constraint)
  step.assign('parameters', id, after)
  for (const [name, slot] of Object.entries(updated.slots)) step.assign('slots', slotKey(id, name), slot)
}

/** The share of each weight that is taken away; undefined without weight decay. */
function decayOf(
  b: Builder,
  optimizer: ComponentConfig,
  { rate, factor }: { readonly rate: Value; readonly factor: Value },
): Value | undefined {
  const decay = number(optimizer, 'weight_decay')
  if (decay === undefined) return undefined
  // Numbers are multiplied first.
  const isFixed = fixedRate(optimizer) !== undefined
  return isFixed ? b.mul(factor, b.mul(rate, decay)) : b.mul(b.mul(rate, factor), decay)
}

/** Nonzero where a step is a multiple of `every`. */
function isDue(b: Builder, step: Value, every: number): Value {
  return b.equal(b.sub(step, b.mul(b.floor(b.div(step, every)), every)), 0)
}

function clip(b: Builder, optimizer: ComponentConfig, gradients: readonly Value[]): readonly Value[] {
  const norm = number(optimizer, 'clipnorm')
  if (norm !== undefined)
    return gradients.map((gradient) => clipTo(b, gradient, b.sum(b.square(gradient)), norm))
  const global = number(optimizer, 'global_clipnorm')
  // Where all layers are frozen, there is no norm.
  if (global !== undefined && gradients.length > 0) {
    const squares = gradients.map((gradient) => b.sum(b.square(gradient)))
    const total = b.sum(b.stack(squares, 0))
    return gradients.map((gradient) => clipTo(b, gradient, total, global))
  }
  const value = number(optimizer, 'clipvalue')
  return value === undefined ? gradients : gradients.map((gradient) => b.clip(gradient, -value, value))
}

/** A gradient scaled so that the norm, whose square is given, is at most `limit`. */
function clipTo(b: Builder, gradient: Value, square: Value, limit: number): Value {
  const norm = b.sqrt(b.max(square, 1e-30))
  return b.mul(gradient, b.div(limit, b.max(norm, limit)))
}

function number(config: ComponentConfig, option: string): number | undefined {
  const value = config[option]
  return typeof value === 'number' ? value : undefined
}
