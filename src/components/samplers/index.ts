import { Family } from '../../registry.ts'
import { grid } from './grid.ts'
import { random } from './random.ts'
import type { SamplerComponent } from './sampler.ts'
import { sobol } from './sobol.ts'
import { tpe } from './tpe.ts'

const members: readonly SamplerComponent[] = [grid, random, sobol, tpe]

export const samplers = new Family({ name: 'samplers', singular: 'sampler' }, members)
