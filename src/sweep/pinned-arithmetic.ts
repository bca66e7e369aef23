import { ownArithmetic } from '../engine/compiled/engine.ts'
import type { EngineOptions } from '../experiment/engine.ts'
import type { FitSpec } from '../spec/schema/fit.ts'

/** The arithmetic of all trials, whatever machines they are trained on: where the config leaves it open, that of this one. */
export function pinnedArithmetic(
  { engine: own, arithmetic }: FitSpec,
  { engine, backend }: EngineOptions = {},
): FitSpec['arithmetic'] {
  const isTfjs = (engine ?? (backend === undefined ? own : 'tfjs')) === 'tfjs'
  return arithmetic === 'auto' && !isTfjs ? ownArithmetic() : arithmetic
}
