// Rewrites reductions into forms that one loop nest computes: kept axes, reduced axes, kept axes. Long ones are cut
// into chunks whose results are reduced again: the chunks depend on the shape alone, so threads share them without
// changing a bit.

import { Builder } from '../../ir/builder.ts'
import { sizeOf } from '../../ir/ir.ts'
import type { Program, Shape, Value } from '../../ir/ir.ts'
import { withOperands } from '../../ir/ops/index.ts'

/** A shape seen as [outer, reduced, inner]. */
export type Nest = { readonly outer: number; readonly reduced: number; readonly inner: number }

/** Elements that one thread reduces in a few tens of microseconds. */
const LONG = 32768
const MOST_CHUNKS = 64

/** The nest of a reduction whose axes are neighbors. */
export function nestOf(value: Value<'reduce'>): Nest {
  const axes = value.axes.filter((axis) => value.x.shape[axis] !== 1)
  const [first = 0, last = -1] = [axes[0], axes.at(-1)]
  return {
    outer: sizeOf(value.x.shape.slice(0, first)),
    reduced: sizeOf(value.x.shape.slice(first, last + 1)),
    inner: sizeOf(value.x.shape.slice(last + 1)),
  }
}

/** An equal program in which the reduced axes of every reduction are neighbors and hold more than one element. */
export function simplifyReductions(program: Program): Program {
  const b = new Builder()
  const changed = new Map<Value, Value>()
  const now = (value: Value): Value => {
    const found = changed.get(value)
    if (found === undefined) throw new Error(`value ${value.id} is used before it is made`)
    return found
  }
  for (const value of program.values) {
    if (value.op === 'input') changed.set(value, b.input(value.name, value.shape, value.dtype))
    else if (value.op === 'reduce') changed.set(value, reduce(b, value, now(value.x)))
    else changed.set(value, b.append(withOperands(value, now)))
  }
  return b.program([...program.outputs].map(([name, value]): [string, Value] => [name, now(value)]))
}

function reduce(b: Builder, value: Value<'reduce'>, x: Value): Value {
  const axes = value.axes.filter((axis) => x.shape[axis] !== 1)
  let result = x
  // From the last run of neighbors to the first, so that earlier axes keep their numbers.
  for (const run of runs(axes, x.shape).reverse()) result = reduceRun(b, value, result, run)
  return b.reshape(result, value.shape)
}

/** The axes in runs with nothing but axes of length 1 between. */
function runs(axes: Shape, shape: Shape): number[][] {
  const found: number[][] = []
  for (const axis of axes) {
    const run = found.at(-1)
    const previous = run?.at(-1)
    if (run === undefined || previous === undefined) found.push([axis])
    else if (shape.slice(previous + 1, axis).every((length) => length === 1)) run.push(axis)
    else found.push([axis])
  }
  return found
}

function reduceRun(b: Builder, value: Value<'reduce'>, x: Value, axes: Shape): Value {
  const [first = 0, last = 0] = [axes[0], axes.at(-1)]
  const outer = x.shape.slice(0, first)
  const inner = x.shape.slice(last + 1)
  const reduced = sizeOf(x.shape.slice(first, last + 1))
  const once = (from: Value, axis: number): Value =>
    b.append({ op: 'reduce', function: value.function, x: from, axes: [axis] })
  const chunks = chunksOf({ outer: sizeOf(outer), reduced, inner: sizeOf(inner) })
  if (chunks === 1) return once(b.reshape(x, [...outer, reduced, ...inner]), first)
  const partial = once(b.reshape(x, [...outer, chunks, reduced / chunks, ...inner]), first + 1)
  return once(partial, first)
}

/** Into how many equal parts a reduction is cut: 1 where its results alone are enough to share among threads. */
function chunksOf({ outer, reduced, inner }: Nest): number {
  if (outer * reduced * inner < LONG || outer * Math.ceil(inner / 16) >= 16) return 1
  for (let chunks = MOST_CHUNKS; chunks > 1; chunks--) {
    if (reduced % chunks === 0 && reduced / chunks >= 16) return chunks
  }
  return 1
}
