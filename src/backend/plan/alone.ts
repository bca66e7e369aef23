import { Builder } from '../../ir/builder.ts'
import type { Program, Value } from '../../ir/ir.ts'
import { outputsOf, replay } from '../../ir/passes/rewrite.ts'

/** An equal program in which some functions of numbers have a kernel of their own, which reads and writes memory. */
export function setAlone(program: Program, standsAlone: (value: Value<'unary'>) => boolean): Program {
  if (!program.values.some((value) => value.op === 'unary' && standsAlone(value))) return program
  const b = new Builder()
  const copies = replay(b, program, (value, copy) =>
    copy.op === 'unary' && value.op === 'unary' && standsAlone(value)
      ? b.append({ ...copy, alone: true })
      : copy,
  )
  return b.program(outputsOf(program, copies))
}
