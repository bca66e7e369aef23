import * as fc from 'fast-check'
import { parse } from 'yaml'
import * as z from 'zod'

import type { Shape } from '../../src/ir/ir.ts'
import { sizeOf } from '../../src/ir/ir.ts'
import { shapeOf } from '../../src/model/graph.ts'
import { required } from '../../src/step/step-program.ts'
import { storedShape } from '../../src/step/targets.ts'
import { randomModel, stepInputs } from '../step/random-model.ts'
import type { Draw } from '../ir/examples.ts'
import type { Pair } from './random-table.ts'

const Sections = z.object({ model: z.unknown(), compile: z.unknown() })

/** A net of any layers, losses, metrics and optimizer, with rows in the config itself. */
export function randomNet(draw: Draw): Pair {
  // The first samples are small.
  const [model] = fc.sample(randomModel(), { numRuns: 8, seed: draw(2 ** 31) }).slice(-1)
  if (!model) throw new Error('no model was drawn')
  const rows = 8 + draw(12)
  const { graph, outputs } = model.task
  const { inputs, targets } = stepInputs({ ...model, batch: rows })
  const { model: layers, compile } = Sections.parse(parse(model.yaml))
  const config = {
    name: 'net',
    seed: draw(1000),
    data: {
      type: 'inline',
      inputs: Object.fromEntries(
        graph.inputs.map(({ name, shape }) => [name, rowsOf(required(inputs, name), rows, shape)]),
      ),
      targets: Object.fromEntries(
        outputs.map(({ name, kind }) => [
          name,
          rowsOf(required(targets, name), rows, storedShape(kind, shapeOf(graph, name))),
        ]),
      ),
      split: { validation: draw(2) / 4 },
    },
    model: layers,
    compile,
    fit: { epochs: 1 + draw(2), batch_size: 1 + draw(rows) },
  }
  return { config, compared: undefined }
}

/** Nested lists of `shape`, one a row. */
function rowsOf(data: Float32Array, rows: number, shape: Shape): unknown[] {
  const size = sizeOf(shape)
  return Array.from({ length: rows }, (_, row) => nested(data.subarray(row * size, (row + 1) * size), shape))
}

function nested(data: Float32Array, [length, ...rest]: Shape): unknown {
  if (length === undefined) return data[0]
  const size = sizeOf(rest)
  return Array.from({ length }, (_, i) => nested(data.subarray(i * size, (i + 1) * size), rest))
}
