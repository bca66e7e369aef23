import { earlyStopping } from '../early_stopping.ts'
import { reduceLrOnPlateau } from '../reduce_lr_on_plateau.ts'
import type { ComponentConfig } from '../../../registry.ts'
import type { Listener } from '../../../train/loop.ts'
import { createEarlyStopping } from './early_stopping.ts'
import { createReduceLrOnPlateau } from './reduce_lr_on_plateau.ts'

/** What a callback of a config does; `initialRate` is the optimizer's own learning rate. */
export function createCallback(config: ComponentConfig, initialRate: number): Listener {
  const create = CALLBACKS[config.type]
  if (create === undefined) throw new Error(`no listener does what the callback ${config.type} says`)
  return create(config, initialRate)
}

const CALLBACKS: Readonly<Record<string, (config: ComponentConfig, initialRate: number) => Listener>> = {
  [earlyStopping.type]: createEarlyStopping,
  [reduceLrOnPlateau.type]: createReduceLrOnPlateau,
}
