// A step as a program whose inputs and outputs are known by what they are for. In the program each has a name, by which
// back ends tell them apart and people read them; nothing takes these names apart.

import { Builder } from '../ir/builder.ts'
import type { DType, Program, Shape, Value } from '../ir/ir.ts'

/** By a parameter's id, a slot's `parameter id/slot`, the name of an input or output of the model, a metric's label. */
export type ByName<T> = ReadonlyMap<string, T>

/** State that is kept from step to step. */
export type KeptState<T> = {
  readonly parameters: ByName<T>
  /** The optimizer's state of each parameter. */
  readonly slots: ByName<T>
  /** The optimizer's scalars. */
  readonly state: ByName<T>
}

/** All that steps take; each asks for some of it. */
export type StepInputs<T> = KeptState<T> & {
  /** The gradient of the loss to each parameter, or to a piece of it, where an update is a program of its own. */
  readonly gradients: ByName<T>
  /** The sums of the shares of all parts of a batch, where these are programs of their own. */
  readonly sums: ByName<T>
  /** [batch, ...] of each input of the model. */
  readonly inputs: ByName<T>
  /** [batch, ...] of each output of the model: i32 classes or f32 numbers. */
  readonly targets: ByName<T>
  /** f32 [batch] for each output of the model. */
  readonly rowWeights: ByName<T>
  /** The i32 scalar that random streams count with. */
  readonly counter?: T
  /** The f32 scalar of the updates done. */
  readonly iterations?: T
  /** The f32 scalar of the learning rate, where it is a number. */
  readonly learningRate?: T
  /** The f32 scalar on the learning rate. */
  readonly factor?: T
  /** The i32 scalar that decides, with the rows, how images are augmented. */
  readonly epoch?: T
  /** i32 [batch], the number of each row in the training split. */
  readonly rows?: T
}

/** All that steps yield. */
export type StepOutputs<T> = {
  /** [batch, ...] of each output of the model. */
  readonly outputs: ByName<T>
  /** The scalar to be minimised. */
  readonly loss?: T
  /** The scalar loss of each output of the model. */
  readonly losses: ByName<T>
  /** The sums of each metric. */
  readonly metrics: ByName<T>
  /** The share of a part of a batch in each sum that an update takes. */
  readonly shares: ByName<T>
  /** The share of a part of a batch in the gradient to each parameter. */
  readonly gradientShares: ByName<T>
  /** New values of what is kept; in the program each has the name of the input that holds the old one. */
  readonly assignments: KeptState<T>
}

/** A program with the names of its inputs and outputs, by what they are for. */
export type StepProgram = StepInputs<string> & StepOutputs<string> & { readonly program: Program }

const INPUT_KINDS = [
  'parameters',
  'slots',
  'state',
  'gradients',
  'sums',
  'inputs',
  'targets',
  'rowWeights',
] as const
const SINGLES = ['counter', 'iterations', 'learningRate', 'factor', 'epoch', 'rows'] as const

type InputKind = (typeof INPUT_KINDS)[number]
type OutputKind = 'outputs' | 'losses' | 'metrics' | 'shares' | 'gradientShares'
type Single = (typeof SINGLES)[number]

/** Appends to a program and notes what its inputs and outputs are for. */
export class StepBuilder {
  readonly b: Builder
  readonly #inputs = {
    parameters: new Map<string, string>(),
    slots: new Map<string, string>(),
    state: new Map<string, string>(),
    gradients: new Map<string, string>(),
    sums: new Map<string, string>(),
    inputs: new Map<string, string>(),
    targets: new Map<string, string>(),
    rowWeights: new Map<string, string>(),
  }
  readonly #singles: { [K in Single]?: string } = {}
  readonly #outputs = {
    outputs: new Map<string, string>(),
    losses: new Map<string, string>(),
    metrics: new Map<string, string>(),
    shares: new Map<string, string>(),
    gradientShares: new Map<string, string>(),
  }
  readonly #assignments = {
    parameters: new Map<string, string>(),
    slots: new Map<string, string>(),
    state: new Map<string, string>(),
  }
  readonly #results = new Map<string, Value>()

  constructor(b = new Builder()) {
    this.b = b
  }

  input(kind: InputKind, key: string, shape: Shape, dtype?: DType): Value {
    const name = `${kind}:${key}`
    this.#inputs[kind].set(key, name)
    return this.b.input(name, shape, dtype)
  }

  single(name: Single, dtype: DType, shape: Shape = []): Value {
    this.#singles[name] = name
    return this.b.input(name, shape, dtype)
  }

  output(kind: OutputKind, key: string, value: Value): void {
    const name = `${kind}:${key}`
    this.#outputs[kind].set(key, name)
    this.#results.set(name, value)
  }

  loss(value: Value): void {
    this.#results.set('loss', value)
  }

  /** Gives what was taken under a key a new value. */
  assign(kind: keyof KeptState<string>, key: string, value: Value): void {
    const name = required(this.#inputs[kind], key)
    this.#assignments[kind].set(key, name)
    this.#results.set(name, value)
  }

  build(): StepProgram {
    return {
      program: this.b.program(this.#results),
      ...this.#inputs,
      ...this.#singles,
      ...this.#outputs,
      ...(this.#results.has('loss') && { loss: 'loss' }),
      assignments: this.#assignments,
    }
  }
}

/** The given ones of what a step takes, by their names in its program. */
export function namedInputs<T>(step: StepProgram, given: Partial<StepInputs<T>>): Map<string, T> {
  const named = new Map<string, T>()
  for (const kind of INPUT_KINDS) {
    const values = given[kind]
    if (values) for (const [key, name] of step[kind]) named.set(name, required(values, key))
  }
  for (const single of SINGLES) {
    const [name, value] = [step[single], given[single]]
    if (name !== undefined && value !== undefined) named.set(name, value)
  }
  return named
}

/** The results of a step's program by what they are for. */
export function stepOutputs<T>(step: StepProgram, results: ByName<T>): StepOutputs<T> {
  const pick = (names: ByName<string>): ByName<T> =>
    new Map(Array.from(names, ([key, name]) => [key, required(results, name)]))
  const { parameters, slots, state } = step.assignments
  return {
    outputs: pick(step.outputs),
    ...(step.loss !== undefined && { loss: required(results, step.loss) }),
    losses: pick(step.losses),
    metrics: pick(step.metrics),
    shares: pick(step.shares),
    gradientShares: pick(step.gradientShares),
    assignments: { parameters: pick(parameters), slots: pick(slots), state: pick(state) },
  }
}

export function required<K extends string | number, T>(values: ReadonlyMap<K, T>, key: K): T {
  const value = values.get(key)
  if (value === undefined) throw new Error(`nothing is named ${key}`)
  return value
}
