import { availableParallelism, cpus } from 'node:os'

import type { Arithmetic } from '../../backend/plan/arithmetic.ts'
import { relaxedSimd } from '../../backend/wasm/assembler/features.ts'
import { UsageError } from '../../errors.ts'
import type { Weights } from '../../model/weights.ts'
import type { Task } from '../../step/task.ts'
import type { Engine, Session } from '../engine.ts'
import type { Ranks } from '../ranks.ts'
import type { Members } from './members.ts'
import { openNative } from './native.ts'
import type { NativeVectors } from './native.ts'
import { CompiledSession } from './session.ts'

export type CompiledOptions = {
  readonly arithmetic: Arithmetic | 'auto'
  readonly threads: number | 'auto'
  /** Vectors of the machine code that products may use. */
  readonly native?: NativeVectors | undefined
  /** The models that share modules and threads with those of this engine. */
  readonly members?: Members | undefined
}

/** The arithmetic that `auto` means on this machine. */
export function ownArithmetic(): Arithmetic {
  return relaxedSimd() ? 'fma' : 'mul_add'
}

/** The engine that makes WebAssembly modules of a model's steps. */
export function openCompiledEngine({
  arithmetic: wanted,
  threads,
  native = 'auto',
  members,
}: CompiledOptions): Engine {
  const own = ownArithmetic()
  if (wanted === 'fma' && own !== 'fma') {
    throw new UsageError(
      'this processor or version of Node has no fused multiply-add, which fma arithmetic needs',
      {
        hint: 'set fit.arithmetic to mul_add or auto',
      },
    )
  }
  const arithmetic = wanted === 'auto' ? own : wanted
  return {
    name: 'compiled',
    description: `compiled engine (${arithmetic})`,
    arithmetic,
    open: (task: Task, weights: Weights, ranks?: Ranks): Session =>
      new CompiledSession(task, weights, {
        arithmetic,
        threads,
        cores: coresFor(ranks),
        members,
        ranks,
        // Machine code multiplies and adds in one rounding.
        native: () => (arithmetic === 'fma' ? openNative(native) : undefined),
      }),
  }
}

/** Cores for the threads of this process: launchers may have given each rank its own. */
function coresFor(ranks: Ranks | undefined): number {
  if (ranks === undefined) return availableParallelism()
  return Math.max(1, Math.min(availableParallelism(), Math.floor(cpus().length / ranks.local)))
}
