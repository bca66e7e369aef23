import { activations } from '../../components/activations/index.ts'
import { augmentations } from '../../components/augmentations/index.ts'
import { callbacks } from '../../components/callbacks/index.ts'
import { constraints } from '../../components/constraints/index.ts'
import { initializers } from '../../components/initializers/index.ts'
import { layers } from '../../components/layers/index.ts'
import { losses } from '../../components/losses/index.ts'
import { metrics } from '../../components/metrics/index.ts'
import { optimizers } from '../../components/optimizers/index.ts'
import { regularizers } from '../../components/regularizers/index.ts'
import { schedules } from '../../components/schedules/index.ts'
import { transforms } from '../../components/transforms/index.ts'
import type { Component, Family } from '../../registry.ts'

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
]

/** Every family of components, by its plural name. */
export const families: ReadonlyMap<string, Family<Component>> = new Map(
  all.map((family) => [family.name, family]),
)
