import { Family } from '../../registry.ts'
import type { ActivationComponent } from './activation.ts'
import { linear } from './linear.ts'
import { relu } from './relu.ts'

const members: readonly ActivationComponent[] = [linear, relu]

export const activations = new Family({ name: 'activations', singular: 'activation' }, members)
