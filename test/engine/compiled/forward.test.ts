import { describe, expect, it } from 'vitest'

import type { EncodedRows } from '../../../src/data/rows/encoded-rows.ts'
import { openCompiledEngine } from '../../../src/engine/compiled/engine.ts'
import { compileForward } from '../../../src/engine/compiled/forward.ts'
import { sizeOf } from '../../../src/ir/ir.ts'
import type { Shape } from '../../../src/ir/ir.ts'
import { modelTopology } from '../../../src/model/topology.ts'
import type { Weights } from '../../../src/model/weights.ts'
import { randomUniform, stream } from '../../../src/random.ts'
import { ForwardPass } from '../../../src/runtime/forward.ts'
import type { Task } from '../../../src/step/task.ts'
import { modelToExport } from '../../exchange/model.ts'
import { randomSpecs } from '../../parity/random-spec.ts'

// First, since it makes Node 20 accept relaxed SIMD.
const engine = openCompiledEngine({ arithmetic: 'auto', threads: 1 })

type Model = { readonly task: Task; readonly weights: Weights }

function rowsFor({ task }: Model, rows: number): Map<string, Float32Array> {
  return new Map(
    task.graph.inputs.map(({ name, shape }) => {
      return [name, Float32Array.from(randomUniform(stream(7, name), 0, rows * sizeOf(shape)))]
    }),
  )
}

function forwardOf({ task, weights }: Model): Promise<ForwardPass> {
  const parameters = modelTopology(task.graph, 'model').weights.map(({ parameter }) => parameter)
  const compiled = compileForward(task, parameters, ['fma', 'mul_add'])
  if (compiled === undefined) throw new Error('it fits')
  const bytes = parameters.map((id) => new Uint8Array(Float32Array.from(weights.get(id) ?? []).buffer))
  return ForwardPass.open([...compiled.modules.values()], compiled, Buffer.concat(bytes))
}

async function sessionPredicts(
  { task, weights }: Model,
  inputs: ReadonlyMap<string, Float32Array>,
  rows: number,
  batchSize: number,
): Promise<Map<string, Float32Array>> {
  const shapes = new Map<string, Shape>(task.graph.inputs.map(({ name, shape }) => [name, shape]))
  const encoded: EncodedRows = {
    rows,
    inputs: Array.from(inputs, ([name, data]) => ({ name, shape: shapes.get(name) ?? [], data })),
    targets: [],
    sourceRow: new Uint32Array(rows),
  }
  const session = engine.open(task, weights)
  try {
    return await session.predict(encoded, batchSize)
  } finally {
    session.dispose()
  }
}

async function expectSameBits(model: Model, inputs = rowsFor(model, 41), rows = 41): Promise<void> {
  const forward = await forwardOf(model)
  const wanted = forward.predict(inputs, rows)
  for (const batchSize of [1, 20, 32]) {
    expect(await sessionPredicts(model, inputs, rows, batchSize), `batches of ${batchSize}`).toEqual(wanted)
  }
}

describe('the module of a forward pass', () => {
  it('predicts the same bits as the engine of random models, whatever the batches', async () => {
    for (const { task, start, encoded } of randomSpecs(12, 3)) {
      const inputs = new Map(encoded.inputs.map(({ name, data }) => [name, Float32Array.from(data)]))
      await expectSameBits({ task, weights: start }, inputs, encoded.rows)
    }
  })

  it.each([
    [
      'few tiles of Winograd',
      {
        input: [4, 4, 8],
        layers: [
          { type: 'conv2d', filters: 16, kernel_size: 3, padding: 'same' },
          'flatten',
          { type: 'dense', units: 2 },
        ],
      },
    ],
    [
      'long sums',
      { input: [200, 200, 1], layers: ['global_average_pooling2d', { type: 'dense', units: 2 }] },
    ],
  ])('predicts the same bits of %s', async (_, section) => {
    const { task, weights } = modelToExport(section)
    await expectSameBits({ task, weights })
  })
})
