// Matrices that the products of a loop take transposed are transposed before it, once for all steps.

import { Builder } from '../../ir/builder.ts'
import type { Program, Value } from '../../ir/ir.ts'
import { nameOf } from '../../ir/ops/scan.ts'
import { removeDeadCode } from '../../ir/passes/dead-code.ts'
import { outputsOf, replay } from '../../ir/passes/rewrite.ts'
import type { Loop } from './loop.ts'

export function transposeOutside(program: Program): Program {
  if (!program.values.some((value) => value.op === 'scan' && transposedIn(value).size > 0)) return program
  const b = new Builder()
  const copies = replay(b, program, (_value, copy) => {
    if (copy.op !== 'scan') return copy
    const transposed = transposedIn(copy)
    if (transposed.size === 0) return copy
    const { captured, backward: _gradient, ...operation } = copy
    const matrices = [...transposed.keys()].flatMap((n) => captured[n] ?? [])
    return b.append({
      ...operation,
      body: takingTransposed(copy, [...transposed.values()]),
      captured: [...captured, ...matrices.map((matrix) => b.transpose(matrix, [1, 0]))],
    })
  })
  return removeDeadCode(b.program(outputsOf(program, copies)))
}

/** The matrices from outside that products of a loop's body take transposed: the inputs of the body, by their numbers. */
function transposedIn({ body, captured }: Loop): ReadonlyMap<number, Value> {
  const factors = new Set(body.values.flatMap((value) => (takesTransposed(value) ? [value.b] : [])))
  const inputs = captured.map((_, n) => body.inputs.get(nameOf('captured', n)))
  return new Map(
    [...inputs.entries()].flatMap(([n, input]) => (input && factors.has(input) ? [[n, input] as const] : [])),
  )
}

function takesTransposed(value: Value): value is Value<'matmul'> {
  return value.op === 'matmul' && value.transposeB && value.b.shape.length === 2
}

/** The body, whose products take these inputs as they come, transposed. */
function takingTransposed({ body, captured }: Loop, matrices: readonly Value[]): Program {
  const b = new Builder()
  const added = new Map(
    matrices.map((matrix, i) => {
      return [matrix, b.input(nameOf('captured', captured.length + i), matrix.shape.toReversed())] as const
    }),
  )
  const copies = replay(b, body, (value, copy) => {
    const matrix = takesTransposed(value) ? added.get(value.b) : undefined
    return copy.op === 'matmul' && matrix ? b.append({ ...copy, b: matrix, transposeB: false }) : copy
  })
  return removeDeadCode(b.program(outputsOf(body, copies)))
}
