import * as z from 'zod'

import type { Shape } from '../../ir/ir.ts'
import type { Configured } from '../../registry.ts'
import type { ParameterSpec } from './layer.ts'
import { constraintOption, initializerOption, regularizerOption } from './options.ts'

/** The options of a layer that normalizes, then scales by gamma and adds beta. */
export function scaleAndOffsetOptions() {
  return {
    epsilon: z.number().nonnegative().default(1e-3).describe('Added to the variance, so that it is never 0'),
    center: z.boolean().default(true).describe('Add beta'),
    scale: z.boolean().default(true).describe('Multiply by gamma'),
    beta_initializer: initializerOption('beta', 'zeros'),
    gamma_initializer: initializerOption('gamma', 'ones'),
    beta_regularizer: regularizerOption('beta'),
    gamma_regularizer: regularizerOption('gamma'),
    beta_constraint: constraintOption('beta'),
    gamma_constraint: constraintOption('gamma'),
  }
}

/** gamma and beta of a layer with `scaleAndOffsetOptions`, as far as it has them. */
export function scaleAndOffset(
  config: Configured<ReturnType<typeof scaleAndOffsetOptions>>,
  shape: Shape,
): ParameterSpec[] {
  const gamma = {
    name: 'gamma',
    shape,
    initializer: config.gamma_initializer,
    regularizer: config.gamma_regularizer,
    constraint: config.gamma_constraint,
  }
  const beta = {
    name: 'beta',
    shape,
    initializer: config.beta_initializer,
    regularizer: config.beta_regularizer,
    constraint: config.beta_constraint,
  }
  return [...(config.scale ? [gamma] : []), ...(config.center ? [beta] : [])]
}

/** The weights of `scaleAndOffset` for a layer of TensorFlow.js, which names them alike. */
export function scaleAndOffsetWeights({ center, scale }: { center: boolean; scale: boolean }) {
  return { ...(scale && { gamma: 'gamma' }), ...(center && { beta: 'beta' }) }
}
