import type { ModelToExport } from '../../src/exchange/format.ts'
import { buildGraph } from '../../src/model/build.ts'
import { initialWeights } from '../../src/model/weights.ts'
import { PREPROCESSING_VERSION } from '../../src/runtime/preprocessing.ts'
import { specSchema } from '../../src/spec/schema/spec.ts'
import { outputTasks } from '../../src/step/task.ts'

const COMPILE = {
  loss: { type: 'huber', delta: 1 },
  optimizer: { type: 'sgd', momentum: 0 },
  metrics: ['mean_absolute_error', 'huber', 'auc'],
}

/** A model that was not trained, from its section of a config. */
export function modelToExport(model: object, compile: object = COMPILE): ModelToExport {
  const data = { type: 'inline', inputs: [[0]], targets: [0] }
  const parsed = specSchema().parse({ data, model, compile })
  const { input = [], inputs = { input } } = parsed.model
  const spec = { ...parsed, name: 'made', model: { ...parsed.model, input: undefined, inputs } }
  const { graph, problems } = buildGraph(spec.model)
  if (graph === undefined) throw new Error(JSON.stringify(problems))
  return {
    name: spec.name,
    spec,
    graph,
    weights: initialWeights(graph, 0),
    preprocessing: { version: PREPROCESSING_VERSION, inputs: [], outputs: [], missing: 'error' },
    task: {
      graph,
      outputs: outputTasks(graph, spec.compile),
      optimizer: spec.compile.optimizer,
      seed: spec.seed,
    },
    training: undefined,
  }
}
