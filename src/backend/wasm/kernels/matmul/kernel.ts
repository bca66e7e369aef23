import type { Arithmetic } from '../../../plan/arithmetic.ts'
import type { ElementProgram } from '../../../plan/element-program.ts'
import { planMatmul } from '../../../plan/matmul.ts'
import type { MatmulShape } from '../../../plan/matmul.ts'
import { pieceCount } from '../../../plan/pieces.ts'
import type { FunctionBuilder } from '../../assembler/function-builder.ts'
import type { Partition } from '../../emit/partition.ts'
import { tileRegisters, TILES } from '../../emit/tile.ts'
import type { Epilogue } from '../../emit/tile.ts'
import type { ImportedMachine } from '../machine.ts'

/** A product of matrices; addresses are byte offsets of f32 buffers. */
export type MatmulSpec = MatmulShape & {
  readonly a: number
  readonly b: number
  readonly output: number
  readonly arithmetic: Arithmetic
  /** Address of `matmulScratch(spec)` bytes for each thread, thread 0 first. */
  readonly scratch: number
  readonly epilogue?: Epilogue | undefined
  /** The same for a loop, which holds one copy of it where a tile holds a dozen. */
  readonly loopEpilogue?: Epilogue | undefined
  /** The same for a machine, where it can compute it. */
  readonly elementProgram?: ElementProgram | undefined
  /** A machine that multiplies tiles instead of code of this module. */
  readonly machine?: ImportedMachine | undefined
}

/** The function being written, what it computes, and its locals. */
export type MatmulKernel = ReturnType<typeof kernelOf>

export function kernelOf(f: FunctionBuilder, spec: MatmulSpec, partition: Partition | undefined) {
  const sizes = spec.machine?.tiles.sizes ?? TILES
  const plan = planMatmul(spec, sizes)
  return {
    f,
    spec,
    plan,
    partition,
    sizes,
    blocked: pieceCount(plan.blocks) > 1,
    registers: tileRegisters(f),
    at: {
      ...f.integers('matrix', 'row', 'stripe', 'column', 'block', 'group', 'rowInGroup', 'a', 'b', 'counter'),
      ...f.integers('scratch', 'element', 'rowBytes', 'columnBytes', 'partial', 'out', 'line', 'end'),
    },
  }
}
