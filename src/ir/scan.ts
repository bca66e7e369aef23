// Builds loops over steps, with their gradients.
//
//   forward, step t:    states, captured values        ->   new states, yields
//   backward, step t:   gradients of the new states    ->   gradients of the states, and of what the step takes of
//                       and of the yields                   captured values; those of captured values add up
//
// The body is differentiated once, when the scan is built: what the gradient needs of a forward step and cannot cheaply
// compute again is yielded by the forward scan. Where no gradient is taken, a pass removes those yields.

import { Builder } from './builder.ts'
import { copyLive } from './copy.ts'
import { pullBack, withoutNegligible } from './gradient.ts'
import type { Operation, ScanGradient, UnaryFunction, Value } from './ir.ts'
import { operands, withOperands } from './ops/index.ts'
import { appendScan, nameOf, regionIn, regionsOf, stackShape, STEP } from './ops/scan.ts'

/** A value that each step makes, and the axis along which those of all steps are stacked. */
type Yield = { readonly value: Value; readonly axis: number }

/** The results of a step: new states, as many as there are, and yields. */
export type StepResults = { readonly states: readonly Value[]; readonly yields: readonly Yield[] }

/** The last states of a scan, and what its steps yielded, stacked. */
export type ScanResults = { readonly finals: readonly Value[]; readonly stacks: readonly Value[] }

/** Writes a step: values from outside may stand in it; of tensors that hold a part for each step it takes that at `step`. */
export type BuildStep = (body: Builder, step: Value, states: readonly Value[]) => StepResults

/** Runs a body over steps 0 .. steps - 1, in reverse from the last to the first. */
export function scan(
  outer: Builder,
  { steps, reverse = false }: { readonly steps: number; readonly reverse?: boolean },
  initial: readonly Value[],
  build: BuildStep,
): ScanResults {
  const body = new ScanBody()
  const step = body.input(STEP, [], 'i32')
  const states = initial.map(({ shape }, n) => body.input(nameOf('state', n), shape))
  const made = build(body, step, states)
  const results = {
    states: made.states.map((value) => body.own(value)),
    yields: made.yields.map(({ value, axis }) => ({ value: body.own(value), axis })),
  }
  const captured = [...body.captured.values()]
  const { values } = body.program([])
  const { backward, kept } = backwardOf({ values, step, states, captured, results, steps })
  const yields = [...results.yields, ...kept.map((value) => ({ value, axis: 0 }))]
  const flat = appendScan(outer, {
    op: 'scan',
    body: body.program([
      ...results.states.map((value, n) => [nameOf('state', n), value] as const),
      ...yields.map(({ value }, n) => [nameOf('yield', n), value] as const),
    ]),
    steps,
    reverse,
    initial,
    captured: [...body.captured.keys()],
    axes: yields.map(({ axis }) => axis),
    backward,
  })
  const { finals, stacks } = regionsOf(flat)
  return {
    finals: finals.map((region) => regionIn(outer, flat, region)),
    stacks: stacks.slice(0, made.yields.length).map((region) => regionIn(outer, flat, region)),
  }
}

/** A builder that takes in values of the program around it as they are used. */
export class ScanBody extends Builder {
  /** By value of the program around it, the input that stands for it. */
  readonly captured = new Map<Value, Value>()
  readonly #own = new Set<Value>()

  override append(operation: Operation): Value {
    const value = super.append(withOperands(operation, (operand) => this.own(operand)))
    this.#own.add(value)
    return value
  }

  /** A value of the body: itself, or the input that stands for a value from outside. */
  own(value: Value): Value {
    if (this.#own.has(value)) return value
    const { size } = this.captured
    const inside = this.captured.get(value) ?? this.input(nameOf('captured', size), value.shape, value.dtype)
    this.captured.set(value, inside)
    return inside
  }
}

type ForwardBody = {
  readonly values: readonly Value[]
  readonly step: Value
  readonly states: readonly Value[]
  readonly captured: readonly Value[]
  readonly results: StepResults
  readonly steps: number
}

/** A part that each step takes of a captured value: the nth, along an axis. */
type StepPart = { readonly value: Value; readonly captured: number; readonly axis: number }

/** A forward body and its gradient in one program, in which the parts that a step takes are inputs. */
type JointBody = {
  readonly values: readonly Value[]
  /** The values that stand for those of the forward body. */
  readonly forward: ReadonlySet<Value>
  readonly copyOf: (value: Value) => Value
  readonly states: readonly Value[]
  readonly parts: readonly StepPart[]
  /** Inputs: gradients of the new states, gradients of the stacked yields, and sums so far of gradients to captured values. */
  readonly dStates: readonly Value[]
  readonly dStacks: readonly Value[]
  readonly totals: readonly { readonly value: Value; readonly captured: number }[]
  /** Results: gradients to the states and to parts, and the new sums. */
  readonly stateGradients: readonly Value[]
  readonly partGradients: readonly StepPart[]
  readonly sums: readonly Value[]
}

function differentiateBody({ values, step, states, captured, results, steps }: ForwardBody): JointBody {
  const b = new Builder()
  const copies = new Map<Value, Value>()
  const copyOf = (value: Value): Value => required(copies.get(value))
  const parts: StepPart[] = []
  for (const value of values) {
    const from = value.op === 'take' && value.index === step ? captured.indexOf(value.x) : -1
    if (value.op === 'take' && from >= 0 && value.x.shape[value.axis] === steps) {
      const part = b.input(`part${parts.length}`, value.shape, value.dtype)
      parts.push({ value: part, captured: from, axis: value.axis })
      copies.set(value, part)
    } else if (value.op === 'input') copies.set(value, b.input(value.name, value.shape, value.dtype))
    else copies.set(value, b.append(withOperands(value, copyOf)))
  }
  const forward = new Set(copies.values())
  const dStates = states.map(({ shape }, n) => b.input(`dState${n}`, shape))
  const dStacks = results.yields.map(({ value, axis }, n) =>
    b.input(`dStack${n}`, stackShape(value.shape, steps, axis)),
  )
  const totals = captured.flatMap((value, n) =>
    value.dtype === 'f32'
      ? [{ value: b.input(`total${n}`, value.shape), captured: n, of: copyOf(value) }]
      : [],
  )
  const smooth = parts.filter(({ value }) => value.dtype === 'f32')
  const gradients = pullBack(
    b,
    [
      ...totals.map(({ value, of }) => [of, value] as const),
      ...results.states.map((value, n) => [copyOf(value), required(dStates[n])] as const),
      ...results.yields.map(
        ({ value, axis }, n) => [copyOf(value), b.take(required(dStacks[n]), copyOf(step), axis)] as const,
      ),
    ],
    [...states.map(copyOf), ...totals.map(({ of }) => of), ...smooth.map(({ value }) => value)],
  )
  const used = totals.filter(({ value, of }) => gradients.get(of) !== value)
  return {
    forward,
    copyOf,
    states: states.map(copyOf),
    parts,
    dStates,
    dStacks,
    totals: used,
    stateGradients: states.map((state) => {
      const gradient = gradients.get(copyOf(state))
      return gradient === undefined ? b.constant(0, state.shape) : withoutNegligible(b, gradient)
    }),
    sums: used.map(({ of }) => required(gradients.get(of))),
    partGradients: smooth.flatMap((part) => {
      const gradient = gradients.get(part.value)
      return gradient === undefined ? [] : [{ ...part, value: gradient }]
    }),
    values: b.program([]).values,
  }
}

/** The backward body of a scan, and the values of the forward one that it needs besides the yields. */
function backwardOf(body: ForwardBody): { readonly backward: ScanGradient; readonly kept: readonly Value[] } {
  const joint = differentiateBody(body)
  const { stateGradients, sums, partGradients } = joint
  const named = [
    ...[...stateGradients, ...sums].map((value, n) => [nameOf('state', n), value] as const),
    ...partGradients.map(({ value }, n) => [nameOf('yield', n), value] as const),
  ]
  const results = named.map(([, value]) => value)
  const yields = body.results.yields.map(({ value, axis }) => ({ value: joint.copyOf(value), axis }))
  const kept = [...keptValues(joint, results, yields)]
  const b = new Builder()
  const found = backwardInputs(b, body, joint, [...yields, ...kept.map((value) => ({ value, axis: 0 }))])
  const copyOf = copyLive(b, joint.values, results, found)
  const original = new Map(body.values.map((value) => [joint.copyOf(value), value]))
  return {
    backward: {
      body: b.program(named.map(([name, value]) => [name, copyOf(value)])),
      summed: joint.totals.map(({ captured }) => captured),
      taken: partGradients.map(({ captured, axis }) => ({ captured, axis })),
    },
    kept: kept.map((value) => required(original.get(value))),
  }
}

/** Declares the inputs of a backward body, and tells which values of the joint one they stand for. */
function backwardInputs(
  b: Builder,
  { step, states, captured, steps }: ForwardBody,
  joint: JointBody,
  stacked: readonly Yield[],
): ReadonlyMap<Value, () => Value> {
  const types = stacked.map(({ value: { shape, dtype }, axis }) => {
    return { shape: stackShape(shape, steps, axis), dtype }
  })
  const at = b.input(STEP, [], 'i32')
  const sums = joint.totals.map((total) => required(captured[total.captured]))
  const own = [...states, ...sums].map(({ shape }, n) => b.input(nameOf('state', n), shape))
  const outside = [...captured, ...types, ...types].map(({ shape, dtype }, n) =>
    b.input(nameOf('captured', n), shape, dtype),
  )
  const [stacks, slopes] = [outside.slice(captured.length), outside.slice(captured.length + types.length)]
  const found = new Map<Value, () => Value>()
  const stand = (value: Value, input: Value | undefined, axis?: number): void => {
    const given = required(input)
    if (!found.has(value)) found.set(value, () => (axis === undefined ? given : b.take(given, at, axis)))
  }
  stand(joint.copyOf(step), at)
  for (const [n, value] of captured.entries()) stand(joint.copyOf(value), outside[n])
  for (const part of joint.parts) stand(part.value, outside[part.captured], part.axis)
  for (const [n, { value, axis }] of stacked.entries()) stand(value, stacks[n], axis)
  for (const [n, value] of joint.dStates.entries()) stand(value, own[n])
  for (const [n, { value }] of joint.totals.entries()) stand(value, own[states.length + n])
  for (const [n, value] of joint.dStacks.entries()) stand(value, slopes[n])
  return found
}

/** Functions that are as quick to compute again as to read. */
const CHEAP: readonly string[] = ['abs', 'neg', 'relu', 'sign', 'square'] satisfies UnaryFunction[]

/** The values of a forward body that its gradient needs, is not given and does not compute again. */
function keptValues(
  { values, forward, states }: JointBody,
  results: Iterable<Value>,
  yields: readonly Yield[],
): Set<Value> {
  const needed = new Set(results)
  /** Integers are not yielded. */
  const isMade = (value: Value): boolean => !forward.has(value) || value.dtype === 'i32'
  for (const value of needed) if (isMade(value)) for (const x of operands(value)) needed.add(x)
  const known = new Set(yields.map(({ value }) => value))
  const kept = new Set<Value>()
  for (const value of values) {
    if (!forward.has(value) || known.has(value)) continue
    const again = isGiven(value) ? !states.includes(value) : isCheap(value) || value.dtype === 'i32'
    if (again && operands(value).every((x) => known.has(x))) known.add(value)
    else if (needed.has(value)) {
      let source = value
      while (isView(source)) source = source.x
      kept.add(source)
      known.add(source).add(value)
    }
  }
  return kept
}

function isGiven({ op }: Value): boolean {
  return op === 'input' || op === 'constant' || op === 'iota'
}

function isCheap(value: Value): boolean {
  if (value.op === 'unary') return CHEAP.includes(value.function)
  if (value.op === 'binary') return value.function !== 'pow'
  return value.op === 'select' || value.op === 'cast' || value.op === 'reverse' || isView(value)
}

/** Tells rearrangements of all of a tensor. */
function isView(value: Value): value is Value<'broadcast' | 'reshape' | 'stop_gradient' | 'transpose'> {
  return ['broadcast', 'reshape', 'stop_gradient', 'transpose'].includes(value.op)
}

function required<T>(found: T | undefined): T {
  if (found === undefined) throw new Error('a part of a scan is missing')
  return found
}
