import { Family } from '../../registry.ts'
import type { CallbackComponent } from './callback.ts'
import { diagnose } from './diagnose.ts'
import { earlyStopping } from './early_stopping.ts'
import { mlflow } from './mlflow.ts'
import { reduceLrOnPlateau } from './reduce_lr_on_plateau.ts'
import { tensorboard } from './tensorboard.ts'
import { unfreeze } from './unfreeze.ts'

const members: readonly CallbackComponent[] = [
  diagnose,
  earlyStopping,
  mlflow,
  reduceLrOnPlateau,
  tensorboard,
  unfreeze,
]

export const callbacks = new Family({ name: 'callbacks', singular: 'callback' }, members)
