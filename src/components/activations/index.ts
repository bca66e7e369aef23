import { Family } from '../../registry.ts'
import type { ActivationComponent } from './activation.ts'
import { elu } from './elu.ts'
import { gelu } from './gelu.ts'
import { leakyRelu } from './leaky_relu.ts'
import { linear } from './linear.ts'
import { relu } from './relu.ts'
import { selu } from './selu.ts'
import { sigmoid } from './sigmoid.ts'
import { silu } from './silu.ts'
import { softmax } from './softmax.ts'
import { softplus } from './softplus.ts'
import { tanh } from './tanh.ts'

const members: readonly ActivationComponent[] = [
  elu,
  gelu,
  leakyRelu,
  linear,
  relu,
  selu,
  sigmoid,
  silu,
  softmax,
  softplus,
  tanh,
]

export const activations = new Family({ name: 'activations', singular: 'activation' }, members)
