import { Family } from '../../registry.ts'
import type { InitializerComponent } from './initializer.ts'
import { zeros } from './zeros.ts'

const members: readonly InitializerComponent[] = [zeros]

export const initializers = new Family({ name: 'initializers', singular: 'initializer' }, members)
