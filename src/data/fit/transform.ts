import type { Scale } from '../../components/sources/options/features.ts'
import type { ColumnEncoding } from '../../components/sources/selection.ts'
import { transforms } from '../../components/transforms/index.ts'
import type { ScalingFit, TransformComponent } from '../../components/transforms/transform.ts'
import type { ComponentConfig } from '../../registry.ts'
import type { Column } from '../../table/table.ts'

/** The transform of a column with its options. */
export type ColumnTransform = { readonly component: TransformComponent; readonly config: ComponentConfig }

/** The transform that the config gives a column by name; by default strings are one-hot and numbers have the input's scale. */
export function transformOf({ name, kind }: Column, encoding: ColumnEncoding): ColumnTransform {
  const own = encoding.transforms[name]
  const config =
    own ??
    (kind === 'string'
      ? transforms.ref().parse({ type: 'one_hot', unseen: encoding.unseen })
      : configOf(encoding.scale))
  return { component: transforms.of(config), config }
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
