import { Family } from '../../registry.ts'
import { constant } from './constant.ts'
import { glorotNormal } from './glorot_normal.ts'
import { glorotUniform } from './glorot_uniform.ts'
import { heNormal } from './he_normal.ts'
import { heUniform } from './he_uniform.ts'
import { identity } from './identity.ts'
import type { InitializerComponent } from './initializer.ts'
import { lecunNormal } from './lecun_normal.ts'
import { lecunUniform } from './lecun_uniform.ts'
import { ones } from './ones.ts'
import { orthogonal } from './orthogonal.ts'
import { randomNormal } from './random_normal.ts'
import { randomUniform } from './random_uniform.ts'
import { truncatedNormal } from './truncated_normal.ts'
import { varianceScaling } from './variance_scaling.ts'
import { zeros } from './zeros.ts'

// Keras's STFT is left out: it makes fixed kernels for a spectrogram layer and needs SciPy's windows.
const members: readonly InitializerComponent[] = [
  constant,
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  identity,
  lecunNormal,
  lecunUniform,
  ones,
  orthogonal,
  randomNormal,
  randomUniform,
  truncatedNormal,
  varianceScaling,
  zeros,
]

export const initializers = new Family({ name: 'initializers', singular: 'initializer' }, members)
