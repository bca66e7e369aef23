import { Builder } from '../../ir/builder.ts'
import type { Program, Value } from '../../ir/ir.ts'
import { replay } from '../../ir/passes/rewrite.ts'
import { storageOf } from './group.ts'

/**
 * An equal program in which no new state is another input as it is: each is computed, since the input may be written over
 * before it is copied.
 */
export function settleStates(program: Program): Program {
  const isMoved = ([name, value]: readonly [string, Value]): boolean => {
    const [input, source] = [program.inputs.get(name), storageOf(value)]
    return input !== undefined && source.op === 'input' && source !== input
  }
  if (![...program.outputs].some(isMoved)) return program
  const b = new Builder()
  const copies = replay(b, program)
  const outputs = [...program.outputs].map(([name, value]) => {
    const copy = copies.get(value) ?? value
    return [name, isMoved([name, value]) ? b.mul(copy, 1) : copy] as const
  })
  return b.program(outputs)
}
