import type * as z from 'zod'

import { openCompiledEngine } from '../../src/engine/compiled/engine.ts'
import { taskOf } from '../../src/experiment/task.ts'
import type { SavedModel } from '../../src/run/model-files.ts'
import type { tensorSchema } from '../golden/golden.ts'

type Tensor = z.output<typeof tensorSchema>

/** What a model predicts for tensors of rows: the numbers of each output. */
export async function predictionsOf(
  model: Pick<SavedModel, 'graph' | 'spec' | 'weights'>,
  inputs: readonly Tensor[],
): Promise<Float32Array[]> {
  const session = openCompiledEngine({ arithmetic: 'auto', threads: 1 }).open(taskOf(model), model.weights)
  try {
    const rows = inputs[0]?.shape[0] ?? 0
    const encoded = {
      rows,
      inputs: model.graph.inputs.map(({ name, shape }, i) => ({
        name,
        shape,
        data: Float32Array.from(inputs[i]?.data ?? []),
      })),
      targets: [],
      sourceRow: new Uint32Array(rows),
    }
    const predicted = await session.predict(encoded, rows)
    return model.graph.outputs.map((name) => predicted.get(name) ?? new Float32Array())
  } finally {
    session.dispose()
  }
}
