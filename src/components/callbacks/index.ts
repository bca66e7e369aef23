import { Family } from '../../registry.ts'
import type { CallbackComponent } from './callback.ts'
import { earlyStopping } from './early_stopping.ts'
import { reduceLrOnPlateau } from './reduce_lr_on_plateau.ts'
import { tensorboard } from './tensorboard.ts'

const members: readonly CallbackComponent[] = [earlyStopping, reduceLrOnPlateau, tensorboard]

export const callbacks = new Family({ name: 'callbacks', singular: 'callback' }, members)
