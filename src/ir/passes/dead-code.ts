import { Builder } from '../builder.ts'
import type { Program } from '../ir.ts'
import { withAncestors } from '../ops/index.ts'
import { outputsOf, replay } from './rewrite.ts'

/** Leaves out what no output needs. Inputs stay, used or not: they are the program's signature. */
export function removeDeadCode(program: Program): Program {
  const live = withAncestors([...program.inputs.values(), ...program.outputs.values()])
  if (live.size === program.values.length) return program
  const b = new Builder()
  const copies = replay(b, { values: program.values.filter((value) => live.has(value)) })
  return b.program(outputsOf(program, copies))
}
