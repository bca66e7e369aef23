import { Family } from '../../registry.ts'
import { constant } from './constant.ts'
import { glorotNormal } from './glorot_normal.ts'
import { glorotUniform } from './glorot_uniform.ts'
import { heNormal } from './he_normal.ts'
import { heUniform } from './he_uniform.ts'
import type { InitializerComponent } from './initializer.ts'
import { lecunNormal } from './lecun_normal.ts'
import { lecunUniform } from './lecun_uniform.ts'
import { ones } from './ones.ts'
import { randomNormal } from './random_normal.ts'
import { randomUniform } from './random_uniform.ts'
import { varianceScaling } from './variance_scaling.ts'
import { zeros } from './zeros.ts'

const members: readonly InitializerComponent[] = [
  constant,
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  lecunNormal,
  lecunUniform,
  ones,
  randomNormal,
  randomUniform,
  varianceScaling,
  zeros,
]

export const initializers = new Family({ name: 'initializers', singular: 'initializer' }, members)
