import { Family } from '../../registry.ts'
import { exponentialDecay } from './exponential_decay.ts'
import type { ScheduleComponent } from './schedule.ts'

const members: readonly ScheduleComponent[] = [exponentialDecay]

export const schedules = new Family({ name: 'schedules', singular: 'schedule' }, members)
