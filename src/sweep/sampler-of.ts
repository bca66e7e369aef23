import { samplers } from '../components/samplers/index.ts'
import type { ComponentConfig } from '../registry.ts'
import { DEFAULT_RUN_CAP } from '../spec/schema/sweep.ts'
import type { SweepSpec } from '../spec/schema/sweep.ts'
import { parametersOf } from './space.ts'

/** The sampler of a sweep; where it names none, a grid if all parameters have values to count. */
export function samplerOf(sweep: SweepSpec): ComponentConfig {
  if (sweep.method !== undefined) return sweep.method
  const isListed = parametersOf(sweep).every(({ dimension }) => dimension.kind === 'choice')
  return { type: isListed ? 'grid' : 'random' }
}

/** Most trials of a sweep. */
export function mostTrials(sweep: SweepSpec): number {
  const space = parametersOf(sweep).map(({ dimension }) => dimension)
  const size = samplers.of(samplerOf(sweep)).size?.(space) ?? Infinity
  const unlimited = sweep.time_cap !== undefined || Number.isFinite(size)
  return Math.min(size, sweep.run_cap ?? (unlimited ? Infinity : DEFAULT_RUN_CAP))
}
