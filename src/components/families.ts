import { activations } from './activations/index.ts'
import { augmentations } from './augmentations/index.ts'
import { callbacks } from './callbacks/index.ts'
import { constraints } from './constraints/index.ts'
import { initializers } from './initializers/index.ts'
import { layers } from './layers/index.ts'
import { losses } from './losses/index.ts'
import { metrics } from './metrics/index.ts'
import { optimizers } from './optimizers/index.ts'
import { pruners } from './pruners/index.ts'
import { regularizers } from './regularizers/index.ts'
import { samplers } from './samplers/index.ts'
import { schedules } from './schedules/index.ts'
import { transforms } from './transforms/index.ts'
import type { Component, Family } from '../registry.ts'

const all: readonly Family<Component>[] = [
  layers,
  activations,
  initializers,
  regularizers,
  constraints,
  losses,
  metrics,
  optimizers,
  schedules,
  callbacks,
  transforms,
  augmentations,
  samplers,
  pruners,
]

/** Every family of components, by its plural name. */
export const families: ReadonlyMap<string, Family<Component>> = new Map(
  all.map((family) => [family.name, family]),
)
