import type { Program } from '../ir.ts'
import { simplifyArithmetic } from './arithmetic.ts'
import { sinkBroadcasts } from './broadcasts.ts'
import { commonSubexpressions } from './common-subexpressions.ts'
import { foldConstants } from './constants.ts'
import { removeDeadCode } from './dead-code.ts'
import { moveFactorsOut } from './factors.ts'
import { moveInvariantsOut } from './invariants.ts'
import { trimLoops } from './loops.ts'
import { joinPieces } from './pieces.ts'
import { rewrite } from './rewrite.ts'
import type { RewriteRule } from './rewrite.ts'
import { simplifyShapes } from './shapes.ts'

/** Programs that no rule changes: the bodies of loops are met again and again. */
const optimal = new WeakSet<Program>()

/**
 * The same program with less work: all rules and the removal of dead code, until nothing changes. Gradients are taken
 * before, since it drops what stops them.
 */
export function optimize(program: Program): Program {
  let before = program
  while (!optimal.has(before)) {
    const rules = [
      foldConstants,
      simplifyShapes,
      sinkBroadcasts,
      simplifyArithmetic,
      moveFactorsOut,
      commonSubexpressions(),
      moveInvariantsOut,
      optimizeBodies,
    ]
    const after = removeDeadCode(rewrite(trimLoops(joinPieces(before)), rules))
    if (after === before) optimal.add(after)
    before = after
  }
  return before
}

const optimizeBodies: RewriteRule = {
  replace(b, value) {
    if (value.op !== 'scan') return undefined
    const { backward: _gradient, ...loop } = value
    const body = optimize(value.body)
    return body === value.body ? undefined : b.append({ ...loop, body })
  },
}
