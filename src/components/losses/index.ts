import { Family } from '../../registry.ts'
import type { LossComponent } from './loss.ts'
import { meanSquaredError } from './mean_squared_error.ts'

const members: readonly LossComponent[] = [meanSquaredError]

export const losses = new Family({ name: 'losses', singular: 'loss' }, members)
