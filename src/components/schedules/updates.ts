import * as z from 'zod'

import { isConfig } from '../../registry.ts'
import type { ComponentConfig } from '../../registry.ts'

const EPOCHS = /^(\d+(?:\.\d+)?) ?epochs?$/

/** A number of updates, or of epochs as in `5 epochs`. */
export function updates(least: 0 | 1 = 1) {
  const text = z.string().regex(EPOCHS, 'expected a number of updates, or of epochs as in "5 epochs"')
  return z.union([z.int().min(least), text])
}

/** Options whose epochs are updates. */
export type InUpdates<C> = {
  readonly [K in keyof C]: C[K] extends readonly (infer E)[]
    ? readonly Exclude<E, string>[]
    : Exclude<C[K], string>
}

/** The epochs of a number of `updates`; undefined where it is one of updates. */
export function epochsIn(value: unknown): number | undefined {
  const [, number] = (typeof value === 'string' ? EPOCHS.exec(value) : null) ?? []
  return number === undefined ? undefined : Number(number)
}

/** An optimizer whose schedule counts in updates alone; an epoch has `stepsPerEpoch` of them. */
export function inUpdates(optimizer: ComponentConfig, stepsPerEpoch: number): ComponentConfig {
  const { learning_rate: schedule } = optimizer
  if (!isConfig(schedule)) return optimizer
  const counted = (value: unknown): unknown => {
    const epochs = epochsIn(value)
    return epochs === undefined ? value : Math.max(1, Math.round(epochs * stepsPerEpoch))
  }
  const options = Object.entries(schedule).map(([option, value]) => [
    option,
    Array.isArray(value) ? value.map(counted) : counted(value),
  ])
  return { ...optimizer, learning_rate: { type: schedule.type, ...Object.fromEntries(options) } }
}
