import * as z from 'zod'

import { Family } from '../../registry.ts'
import { dense } from './dense.ts'
import type { LayerComponent } from './layer.ts'

const members: readonly LayerComponent[] = [dense]

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
