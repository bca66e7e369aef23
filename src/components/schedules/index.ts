import { Family } from '../../registry.ts'
import { cosineDecay } from './cosine_decay.ts'
import { cosineDecayRestarts } from './cosine_decay_restarts.ts'
import { exponentialDecay } from './exponential_decay.ts'
import { inverseTimeDecay } from './inverse_time_decay.ts'
import { oneCycle } from './one_cycle.ts'
import { piecewiseConstantDecay } from './piecewise_constant_decay.ts'
import { polynomialDecay } from './polynomial_decay.ts'
import type { ScheduleComponent } from './schedule.ts'

const members: readonly ScheduleComponent[] = [
  cosineDecay,
  cosineDecayRestarts,
  exponentialDecay,
  inverseTimeDecay,
  oneCycle,
  piecewiseConstantDecay,
  polynomialDecay,
]

export const schedules = new Family({ name: 'schedules', singular: 'schedule' }, members)
