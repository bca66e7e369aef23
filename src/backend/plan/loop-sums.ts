// Moves sums over all steps out of loops, such as the gradients to the weights of a cell:
//
//   loop: total = total + matmul(x, y)       ->   loop: yields x and y;  the product of all x and y, stacked
//   loop: total = total + reduce_sum(x)      ->   loop: yields x;        loop: total = total + reduce_sum(x)
//
// What is left of the loop then computes each row of a batch by itself, as a rule, so that threads need not wait for each
// other at every step. Sums keep their order, and so their bits.

import { Builder } from '../../ir/builder.ts'
import { copyLive } from '../../ir/copy.ts'
import { sizeOf } from '../../ir/ir.ts'
import type { Program, Value } from '../../ir/ir.ts'
import { operands } from '../../ir/ops/index.ts'
import { appendScan, nameOf, regionIn, regionsOf, STEP } from '../../ir/ops/scan.ts'
import { uniformNumber } from '../../ir/passes/constants.ts'
import { removeDeadCode } from '../../ir/passes/dead-code.ts'
import { trimLoops } from '../../ir/passes/loops.ts'
import { countUses, outputsOf, replay } from '../../ir/passes/rewrite.ts'
import { ScanBody } from '../../ir/scan.ts'
import type { Loop } from './loop.ts'
import { WHOLE_DEPTH } from './matmul.ts'

export function moveSumsOut(program: Program): Program {
  const b = new Builder()
  /** By the loop that made them, the totals of its sums, by their places in its result. */
  const totals = new Map<Value, ReadonlyMap<number, Value>>()
  const copies = replay(b, program, (value, copy) => {
    if (copy.op === 'scan') {
      const sums = sumsOf(copy)
      if (sums.length === 0) return copy
      const wanted = sums.flatMap(({ term }) => operands(term))
      const { loop, stackOf } = withYields(b, copy, wanted)
      totals.set(value, new Map(sums.map((sum) => [sum.offset, totalOf(b, copy, sum, stackOf)])))
      return loop
    }
    const total = value.op === 'slice' ? totals.get(value.x)?.get(value.starts[0] ?? 0) : undefined
    return total && sizeOf(total.shape) === sizeOf(value.shape) ? b.reshape(total, value.shape) : copy
  })
  if (totals.size === 0) return program
  return removeDeadCode(trimLoops(removeDeadCode(b.program(outputsOf(program, copies)))))
}

/** A state to which each step adds a term, from 0 on, and which nothing else reads. */
type Sum = {
  /** Its place in the result of the loop. */
  readonly offset: number
  readonly first: Value
  readonly old: Value
  readonly result: Value
  readonly term: Term
}
type Term = Value<'matmul'> | Value<'reduce'>

function sumsOf(loop: Loop): Sum[] {
  const { body, initial } = loop
  const { finals } = regionsOf(loop)
  const uses = countUses(body)
  return initial.flatMap((first, state) => {
    const [old, result] = [body.inputs, body.outputs].map((values) => values.get(nameOf('state', state)))
    if (old === undefined || uses.get(old) !== 1 || uniformNumber(first) !== 0) return []
    if (result?.op !== 'binary' || result.function !== 'add' || uses.get(result) !== 1) return []
    const term = result.a === old ? result.b : result.b === old ? result.a : undefined
    return term && isTerm(term) ? [{ offset: finals[state]?.offset ?? 0, first, old, result, term }] : []
  })
}

/** Tells sums over the rows of a batch. */
function isTerm(value: Value): value is Term {
  if (value.op === 'reduce') return value.function === 'sum' && value.axes.includes(0)
  if (value.op !== 'matmul' || !value.transposeA || value.transposeB) return false
  return value.a.shape.length === 2 && (value.a.shape[0] ?? 0) <= WHOLE_DEPTH
}

/** A tensor of the program around a loop that holds a value of the body for each step, along an axis. */
type Stack = { readonly value: Value; readonly axis: number }

/** The same loop, which yields some values of its body, too, and where those of all steps are found. */
function withYields(
  b: Builder,
  loop: Loop,
  wanted: readonly Value[],
): { readonly loop: Loop; readonly stackOf: (value: Value) => Stack } {
  const { body, captured, steps, backward: _gradient, ...operation } = loop
  const stacks = new Map<Value, Stack>()
  for (const value of wanted) {
    if (value.op !== 'take' || value.axis > 1 || value.index !== body.inputs.get(STEP)) continue
    const whole = captured.find((_, n) => body.inputs.get(nameOf('captured', n)) === value.x)
    if (whole?.shape[value.axis] === steps) stacks.set(value, { value: whole, axis: value.axis })
  }
  const axes = [...loop.axes]
  const yields = new Map<Value, number>()
  for (const [n, axis] of axes.entries()) {
    const value = body.outputs.get(nameOf('yield', n))
    if (value && axis <= 1) yields.set(value, n)
  }
  for (const value of wanted)
    if (!stacks.has(value) && !yields.has(value)) yields.set(value, axes.push(0) - 1)
  const outputs = new Map(body.outputs)
  for (const [value, n] of yields) outputs.set(nameOf('yield', n), value)
  const yielding = appendScan(b, { ...operation, steps, captured, axes, body: { ...body, outputs } })
  const stackOf = (value: Value): Stack => {
    const n = yields.get(value) ?? -1
    const [region, axis] = [regionsOf(yielding).stacks[n], axes[n]]
    const stack =
      stacks.get(value) ?? (region && axis !== undefined && { value: regionIn(b, yielding, region), axis })
    if (!stack) throw new Error(`value ${value.id} is not stacked`)
    stacks.set(value, stack)
    return stack
  }
  return { loop: yielding, stackOf }
}

/** The sum over all steps. */
function totalOf(
  b: Builder,
  { body, steps, reverse }: Loop,
  { first, old, result, term }: Sum,
  stackOf: (value: Value) => Stack,
): Value {
  if (term.op === 'matmul') {
    const [x, y] = [stackOf(term.a), stackOf(term.b)]
    return b.append({ ...term, a: x.value, b: y.value, stacked: { axes: [x.axis, y.axis], reverse } })
  }
  const inner = new ScanBody()
  const step = inner.input(STEP, [], 'i32')
  const total = inner.input(nameOf('state', 0), result.shape)
  const { value, axis } = stackOf(term.x)
  const copyOf = copyLive(
    inner,
    body.values,
    [result],
    new Map([
      [term.x, () => inner.take(value, step, axis)],
      [old, () => total],
    ]),
  )
  const loop = appendScan(b, {
    op: 'scan',
    body: inner.program([[nameOf('state', 0), copyOf(result)]]),
    steps,
    reverse,
    initial: [first],
    captured: [...inner.captured.keys()],
    axes: [],
  })
  return regionIn(b, loop, { offset: 0, shape: result.shape })
}
