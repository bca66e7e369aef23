import * as z from 'zod'

import type { Scale } from '../../components/sources/options/features.ts'
import type { ColumnEncoding } from '../../components/sources/selection.ts'
import { transforms } from '../../components/transforms/index.ts'
import { missingOptions } from '../../components/transforms/missing.ts'
import type { ScalingFit, TransformComponent } from '../../components/transforms/transform.ts'
import type { ComponentConfig } from '../../registry.ts'
import type { Column } from '../../table/table.ts'

const MissingNumbers = z.object(missingOptions())

/** The transform of a column with its options. */
export type ColumnTransform = {
  readonly component: TransformComponent
  readonly config: ComponentConfig
  /** Its options for missing numbers. */
  readonly numbers: z.infer<typeof MissingNumbers>
}

/** Returns what gives the transform of each column: its own, or that of all strings (one-hot) or all numbers (the input's scale). */
export function transformsOf({
  transforms: own,
  unseen,
  scale,
}: ColumnEncoding): (column: Column) => ColumnTransform {
  const byName = new Map(Object.entries(own))
  const withComponent = (config: ComponentConfig): ColumnTransform => ({
    component: transforms.of(config),
    config,
    numbers: MissingNumbers.parse(config),
  })
  const ofStrings = withComponent(transforms.ref().parse({ type: 'one_hot', unseen }))
  const ofNumbers = withComponent(configOf(scale))
  return ({ name, kind }) => {
    const config = byName.get(name)
    return config ? withComponent(config) : kind === 'string' ? ofStrings : ofNumbers
  }
}

/** A fit for the scale that the config names; undefined if numbers stay as they are. */
export function startFit(scale: Scale): ScalingFit | undefined {
  const config = configOf(scale)
  const component = transforms.of(config)
  return component.kind === 'scaling' ? component.fit(config) : undefined
}

function configOf(scale: Scale): ComponentConfig {
  return transforms.ref().parse(typeof scale === 'object' ? { type: 'divide', divisor: scale.divide } : scale)
}
