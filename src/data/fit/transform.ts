import * as z from 'zod'

import type { Scale } from '../../components/sources/options/features.ts'
import type { ColumnEncoding } from '../../components/sources/selection.ts'
import { transforms } from '../../components/transforms/index.ts'
import { missingOptions } from '../../components/transforms/missing.ts'
import type {
  ScalingComponent,
  ScalingFit,
  TransformComponent,
} from '../../components/transforms/transform.ts'
import { DataError } from '../../errors.ts'
import type { ComponentConfig } from '../../registry.ts'
import { applyScaling, scaledAgain } from '../../runtime/scaling.ts'
import type { FittedScaling } from '../../runtime/scaling.ts'
import type { Column, Table } from '../../table/table.ts'
import { counted, quote } from '../../wording.ts'

const MissingNumbers = z.object(missingOptions())

/** The transform of a column with its options. */
export type ColumnTransform = {
  readonly component: TransformComponent
  readonly config: ComponentConfig
  /** The scalings that follow it. */
  readonly then: readonly ComponentConfig[]
  /** Its options for missing numbers. */
  readonly numbers: z.infer<typeof MissingNumbers>
}

/** Returns what gives the transform of each column: its own, or that of all strings (one-hot) or all numbers (the input's scale). */
export function transformsOf({
  transforms: own,
  then,
  unseen,
  scale,
}: ColumnEncoding): (column: Column) => ColumnTransform {
  const byName = new Map(Object.entries(own))
  const withComponent = (
    config: ComponentConfig,
    then: readonly ComponentConfig[] = [],
  ): ColumnTransform => ({
    component: transforms.of(config),
    config,
    then,
    numbers: MissingNumbers.parse(config),
  })
  const ofStrings = withComponent(transforms.ref().parse({ type: 'one_hot', unseen }))
  const ofNumbers = withComponent(configOf(scale))
  return ({ name, kind }) => {
    const config = byName.get(name)
    return config ? withComponent(config, then[name]) : kind === 'string' ? ofStrings : ofNumbers
  }
}

/** Sees every training value in turn, each with the number of its channel. */
type Pass = (see: (value: number, channel: number) => void) => void

/** Fits scalings one after the other, each on what the ones before it made; empty if numbers stay as they are. */
export function fitInTurn(
  configs: readonly ComponentConfig[],
  channels: number,
  pass: Pass,
): FittedScaling[] {
  let fitted: FittedScaling[] = []
  for (const config of configs) {
    const component = scalingOf(config)
    const before = fitted
    const fits = Array.from({ length: channels }, (_, i) => component.fit(config, i)).filter(
      (fit) => fit !== undefined,
    )
    if (fits.length === 0) continue
    if (component.isFixed !== true) pass((value, i) => fits[i]?.add(applyScaling(before[i], value)))
    fitted = fits.map((fit, i) => scaledAgain(before[i], fit.scaling()))
  }
  return fitted
}

/** The scaling of a config, which may follow another transform. */
export function scalingOf(config: ComponentConfig): ScalingComponent {
  const component = transforms.of(config)
  if (component.kind === 'scaling') return component
  throw new DataError(
    `data.features.transforms: ${config.type} encodes strings, so it can only be the first transform of a column of strings`,
  )
}

/** Refuses lists of numbers for more or fewer channels than a column has. */
export function checkChannels(config: ComponentConfig, table: Table, column: Column, channels: number): void {
  const other = channelsOf(config).find((given) => given !== channels)
  if (other === undefined) return
  throw new DataError(
    `${table.name}: ${config.type} has numbers for ${counted(other, 'channel')}, but the column ${quote(column.name)} has ${channels}`,
  )
}

/** The lengths of the lists of numbers, one for each channel, that a scaling is given. */
export function channelsOf(config: ComponentConfig): readonly number[] {
  return scalingOf(config).channels?.(config) ?? []
}

/** A fit for the scale that the config names; undefined if numbers stay as they are. */
export function startFit(scale: Scale, channel = 0): ScalingFit | undefined {
  const config = configOf(scale)
  return scalingOf(config).fit(config, channel)
}

export function configOf(scale: Scale): ComponentConfig {
  const isDivisor = typeof scale === 'object' && 'divide' in scale
  return transforms.ref().parse(isDivisor ? { type: 'divide', divisor: scale.divide } : scale)
}
