import { constraints } from '../components/constraints/index.ts'
import { optimizers } from '../components/optimizers/index.ts'
import type { Slot } from '../components/optimizers/optimizer.ts'
import { schedules } from '../components/schedules/index.ts'
import type { Parameter } from '../model/graph.ts'
import type { ComponentConfig } from '../registry.ts'
import { Builder } from '../ir/builder.ts'
import type { Program, Value } from '../ir/ir.ts'

const AVERAGE = 'average'

/** The state that an optimizer keeps for each parameter; with `use_ema` also the moving average of the weights. */
export function slotsOf(optimizer: ComponentConfig): readonly Slot[] {
  const own = optimizers.of(optimizer).slots(optimizer)
  return optimizer['use_ema'] === true ? [...own, { name: AVERAGE, initial: 0 }] : own
}

/**
 * The weights by parameter id that training ends with, where they are the moving averages among the slots (by
 * `id/name`). Keras symbol: keras.optimizers.Optimizer.finalize_variable_values.
 */
export function averagedWeights(
  optimizer: ComponentConfig,
  slots: ReadonlyMap<string, Float32Array>,
): Map<string, Float32Array> | undefined {
  if (optimizer['use_ema'] !== true) return undefined
  const suffix = `/${AVERAGE}`
  return new Map(
    [...slots].flatMap(([name, average]) =>
      name.endsWith(suffix) ? [[name.slice(0, -suffix.length), average]] : [],
    ),
  )
}

/** The scalars that an optimizer keeps for all parameters together. */
export function stateOf(optimizer: ComponentConfig): readonly Slot[] {
  return optimizers.of(optimizer).state ?? []
}

/**
 * The program of one update. Inputs: `parameter:ID`, `gradient:ID`, `slot:ID/NAME`, `state:NAME`, `iterations`
 * (f32 scalar, updates done) and `factor` (f32 scalar on the learning rate). Outputs: `parameter:ID`, `slot:ID/NAME`,
 * `state:NAME`, `learning_rate`. The order is that of keras.optimizers.Optimizer.apply: clip, decay, update, average,
 * constrain.
 */
export function buildUpdate(optimizer: ComponentConfig, parameters: readonly Parameter[]): Program {
  const b = new Builder()
  const descents = parameters.map((parameter) => ({
    parameter,
    value: b.input(`parameter:${parameter.id}`, parameter.shape),
    gradient: b.input(`gradient:${parameter.id}`, parameter.shape),
  }))
  return b.program(appendUpdate(b, optimizer, descents))
}

/** A parameter, its value and the gradient of the loss to it. */
export type Descent = { readonly parameter: Parameter; readonly value: Value; readonly gradient: Value }

/** Appends the operations of `buildUpdate` and its inputs but the parameters and gradients; returns its outputs. */
export function appendUpdate(
  b: Builder,
  optimizer: ComponentConfig,
  descents: readonly Descent[],
): Map<string, Value> {
  const component = optimizers.of(optimizer)
  const iterations = b.input('iterations', [])
  const rate = b.mul(learningRateOf(b, optimizer, iterations), b.input('factor', []))
  const step = b.add(iterations, 1)
  const state = Object.fromEntries(stateOf(optimizer).map(({ name }) => [name, b.input(`state:${name}`, [])]))
  const advanced = component.advance?.(b, { state, step }, optimizer) ?? {}
  const results: [string, Value][] = [['learning_rate', rate]]
  for (const [name, value] of Object.entries(advanced)) results.push([`state:${name}`, value])

  const gradients = clip(
    b,
    optimizer,
    descents.map(({ gradient }) => gradient),
  )
  for (const [i, { parameter, value }] of descents.entries()) {
    const { id, shape, constraint } = parameter
    const gradient = gradients[i]
    if (gradient === undefined) continue
    const slots = Object.fromEntries(
      slotsOf(optimizer).map(({ name }) => [name, b.input(`slot:${id}/${name}`, shape)]),
    )
    const { [AVERAGE]: average, ...own } = slots
    const before = decay(b, optimizer, value, rate)
    const updated = component.update(
      b,
      { parameter: before, gradient, slots: own, state, learningRate: rate, step },
      optimizer,
    )
    let after = updated.parameter
    if (average !== undefined) {
      const kept = b.add(
        b.mul(average, number(optimizer, 'ema_momentum') ?? 0.99),
        b.mul(after, 1 - (number(optimizer, 'ema_momentum') ?? 0.99)),
      )
      // The first update's average is the weights themselves.
      const mean = b.select(b.equal(step, 1), after, kept)
      results.push([`slot:${id}/${AVERAGE}`, mean])
      const every = number(optimizer, 'ema_overwrite_frequency')
      if (every !== undefined) {
        const due = b.equal(b.sub(step, b.mul(b.floor(b.div(step, every)), every)), 0)
        after = b.select(due, mean, after)
      }
    }
    if (constraint) after = constraints.of(constraint).project(b, after, constraint)
    results.push([`parameter:${id}`, after])
    for (const [name, slot] of Object.entries(updated.slots)) results.push([`slot:${id}/${name}`, slot])
  }
  return new Map(results)
}

function learningRateOf(b: Builder, optimizer: ComponentConfig, iterations: Value): Value {
  const rate = optimizer['learning_rate']
  if (typeof rate === 'number') return b.constant(rate)
  const schedule = scheduleOf(rate)
  return schedules.of(schedule).learningRate(b, iterations, schedule)
}

function scheduleOf(value: unknown): ComponentConfig {
  return schedules.ref().parse(value)
}

function decay(b: Builder, optimizer: ComponentConfig, parameter: Value, rate: Value): Value {
  const share = number(optimizer, 'weight_decay')
  return share === undefined ? parameter : b.sub(parameter, b.mul(parameter, b.mul(rate, share)))
}

function clip(b: Builder, optimizer: ComponentConfig, gradients: readonly Value[]): readonly Value[] {
  const norm = number(optimizer, 'clipnorm')
  if (norm !== undefined)
    return gradients.map((gradient) => clipTo(b, gradient, b.sum(b.square(gradient)), norm))
  const global = number(optimizer, 'global_clipnorm')
  if (global !== undefined) {
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
