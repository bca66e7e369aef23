import * as z from 'zod'

import { Family } from '../../registry.ts'
import { activation } from './activation.ts'
import { add } from './add.ts'
import { average } from './average.ts'
import { averagePooling1d } from './average_pooling1d.ts'
import { averagePooling2d } from './average_pooling2d.ts'
import { averagePooling3d } from './average_pooling3d.ts'
import { bidirectional } from './bidirectional.ts'
import { concatenate } from './concatenate.ts'
import { conv2d } from './conv2d.ts'
import { dense } from './dense.ts'
import { dropout } from './dropout.ts'
import { flatten } from './flatten.ts'
import { gru } from './gru.ts'
import { lstm } from './lstm.ts'
import { masking } from './masking.ts'
import { maxPooling1d } from './max_pooling1d.ts'
import { maxPooling2d } from './max_pooling2d.ts'
import { maxPooling3d } from './max_pooling3d.ts'
import { maximum } from './maximum.ts'
import { minimum } from './minimum.ts'
import { multiply } from './multiply.ts'
import { reshape } from './reshape.ts'
import { simpleRnn } from './simple_rnn.ts'
import { timeDistributed } from './time_distributed.ts'
import type { LayerComponent } from './layer.ts'

const members: readonly LayerComponent[] = [
  activation,
  add,
  average,
  averagePooling1d,
  averagePooling2d,
  averagePooling3d,
  bidirectional,
  concatenate,
  conv2d,
  dense,
  dropout,
  flatten,
  gru,
  lstm,
  masking,
  maxPooling1d,
  maxPooling2d,
  maxPooling3d,
  maximum,
  minimum,
  multiply,
  reshape,
  simpleRnn,
  timeDistributed,
]

/** The options of every layer. */
function layerOptions() {
  return {
    name: z
      .string()
      .regex(/^[A-Za-z][A-Za-z0-9_.-]*$/, 'expected a letter, then letters, digits, "_", "-" or "."')
      .optional()
      .describe('Unique name, by which other layers and outputs refer to it; default: the type and a number'),
    from: z
      .union([z.string(), z.array(z.string()).min(1)])
      .optional()
      .describe(
        'The input or layer, or the list of them, whose output it takes; default: the layer before it',
      ),
    trainable: z.boolean().default(true).describe('Whether training changes its weights'),
  }
}

export const layers = new Family({ name: 'layers', singular: 'layer' }, members, layerOptions)
