import type { Program } from '../ir.ts'
import { simplifyArithmetic } from './arithmetic.ts'
import { sinkBroadcasts } from './broadcasts.ts'
import { commonSubexpressions } from './common-subexpressions.ts'
import { foldConstants } from './constants.ts'
import { removeDeadCode } from './dead-code.ts'
import { moveFactorsOut } from './factors.ts'
import { joinPieces } from './pieces.ts'
import { rewrite } from './rewrite.ts'
import { simplifyShapes } from './shapes.ts'

/**
 * The same program with less work: all rules and the removal of dead code, until nothing changes. Gradients are taken
 * before, since it drops what stops them.
 */
export function optimize(program: Program): Program {
  let before = program
  for (;;) {
    const rules = [
      foldConstants,
      simplifyShapes,
      sinkBroadcasts,
      simplifyArithmetic,
      moveFactorsOut,
      commonSubexpressions(),
    ]
    const after = removeDeadCode(rewrite(joinPieces(before), rules))
    if (after === before) return after
    before = after
  }
}
