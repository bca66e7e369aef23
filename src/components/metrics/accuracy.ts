import type { ComponentConfig } from '../../registry.ts'
import type { TargetForm } from '../losses/loss.ts'
import { defineMetric } from './metric.ts'
import { sparseCategoricalAccuracy } from './sparse_categorical_accuracy.ts'

/** Keras symbol: the string `accuracy` in `compile`. It stands for one of the accuracies, by the loss. */
export const accuracy = defineMetric({
  ...sparseCategoricalAccuracy,
  type: 'accuracy',
  aliases: ['acc'],
  summary: 'Binary, categorical or sparse categorical accuracy, whichever fits the loss and the output',
})

/** The metric that `accuracy` stands for, given a loss's targets and the number of units of an output. */
export function resolveAccuracy(config: ComponentConfig, loss: TargetForm, units: number): ComponentConfig {
  if (config.type !== accuracy.type) return config
  if (loss === 'index') return { type: 'sparse_categorical_accuracy' }
  return loss === 'one_hot' && units > 1
    ? { type: 'categorical_accuracy' }
    : { type: 'binary_accuracy', threshold: 0.5 }
}
