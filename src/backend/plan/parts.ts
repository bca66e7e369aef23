// Cuts products of few rows along a long depth, those of a layer with many weights for the rows of its batch, into
// parts whose results are then added up. Each thread so reads the same rows of the weights that it updates, which lie
// in its own cache, where otherwise threads would take most of the weights from each other at every step. The parts
// depend on the shapes alone, so that sums have the same bits whatever the threads. A program that updates no weights
// is left as it is: what it computes of a row must not depend on how many there are in its batch.

import { Builder } from '../../ir/builder.ts'
import type { Program, Value } from '../../ir/ir.ts'
import { nameOf } from '../../ir/ops/scan.ts'
import { outputsOf, replay } from '../../ir/passes/rewrite.ts'

/** Into how many parts a depth is cut, the first of these that divides it. */
const PARTS = [4, 3, 2]
/** The fewest rows of weights for each row of the batch. */
const LONG = 8
/** Multiply-adds from which a product is worth sharing. */
const LARGE = 2 ** 18

export function cutProducts(
  program: Program,
  updates: ReadonlySet<string> = updatedInputs(program),
): Program {
  const b = new Builder()
  const updated = new Set<Value | undefined>([...updates].map((name) => program.inputs.get(name)))
  const copies = replay(b, program, (value, copy) => {
    const parts = value.op === 'matmul' && updated.has(value.b) ? partsOf(value) : 1
    if (copy.op !== 'matmul' || parts === 1) return copy
    return b.sum(b.append({ ...copy, parts }), 0)
  })
  return b.program(outputsOf(program, copies))
}

/** The names of the inputs that a program updates. */
export function updatedInputs({ inputs, outputs }: Program): Set<string> {
  return new Set([...outputs.keys()].filter((name) => inputs.has(name)))
}

/** The names under which a loop's body takes inputs that the program around it updates. */
export function updatedInside({ captured }: Value<'scan'>, updates: ReadonlySet<string>): Set<string> {
  return new Set(
    captured.flatMap((value, n) =>
      value.op === 'input' && updates.has(value.name) ? [nameOf('captured', n)] : [],
    ),
  )
}

function partsOf({ a, b, transposeA, transposeB, shape }: Value<'matmul'>): number {
  const [rows = 1, columns = 1] = shape
  const depth = a.shape.at(-1) ?? 1
  const matrices = shape.length === 2 && b.shape.length === 2 && !transposeA && !transposeB
  if (!matrices || depth < LONG * rows || rows * columns * depth < LARGE) return 1
  return PARTS.find((parts) => depth % parts === 0) ?? 1
}

/** The operands whose rows the cut products read in parts. */
export function cutOperands({ values }: Program): Value[] {
  return values.flatMap((value) => (value.op === 'matmul' && value.parts !== undefined ? [value.a] : []))
}
