import { Family } from '../../registry.ts'
import type { ActivationComponent } from './activation.ts'
import { celu } from './celu.ts'
import { elu } from './elu.ts'
import { exponential } from './exponential.ts'
import { gelu } from './gelu.ts'
import { glu } from './glu.ts'
import { hardShrink } from './hard_shrink.ts'
import { hardSigmoid } from './hard_sigmoid.ts'
import { hardSilu } from './hard_silu.ts'
import { hardTanh } from './hard_tanh.ts'
import { leakyRelu } from './leaky_relu.ts'
import { linear } from './linear.ts'
import { logSigmoid } from './log_sigmoid.ts'
import { logSoftmax } from './log_softmax.ts'
import { mish } from './mish.ts'
import { relu } from './relu.ts'
import { relu6 } from './relu6.ts'
import { selu } from './selu.ts'
import { sigmoid } from './sigmoid.ts'
import { silu } from './silu.ts'
import { softShrink } from './soft_shrink.ts'
import { softmax } from './softmax.ts'
import { softplus } from './softplus.ts'
import { softsign } from './softsign.ts'
import { sparsePlus } from './sparse_plus.ts'
import { sparseSigmoid } from './sparse_sigmoid.ts'
import { sparsemax } from './sparsemax.ts'
import { squareplus } from './squareplus.ts'
import { tanh } from './tanh.ts'
import { tanhShrink } from './tanh_shrink.ts'
import { threshold } from './threshold.ts'

const members: readonly ActivationComponent[] = [
  celu,
  elu,
  exponential,
  gelu,
  glu,
  hardShrink,
  hardSigmoid,
  hardSilu,
  hardTanh,
  leakyRelu,
  linear,
  logSigmoid,
  logSoftmax,
  mish,
  relu,
  relu6,
  selu,
  sigmoid,
  silu,
  softShrink,
  softmax,
  softplus,
  softsign,
  sparsePlus,
  sparseSigmoid,
  sparsemax,
  squareplus,
  tanh,
  tanhShrink,
  threshold,
]

export const activations = new Family({ name: 'activations', singular: 'activation' }, members)
