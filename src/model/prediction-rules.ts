import { losses } from '../components/losses/index.ts'
import { metrics } from '../components/metrics/index.ts'
import { ShapeError } from '../components/layers/layer.ts'
import type { Shape } from '../compiler/ir.ts'
import type { ConfigPath, Problem } from '../diagnostic.ts'
import type { ComponentConfig } from '../registry.ts'
import type { Spec } from '../spec/spec.ts'
import { lossOf } from './experiment.ts'
import type { Graph } from './graph.ts'
import { shapeOf } from './graph.ts'

type Compile = Spec['compile']

/** Losses and metrics that make no sense for the shape of their output. */
export function predictionProblems(graph: Graph, compile: Compile): Problem[] {
  return graph.outputs.flatMap((output) => {
    const shape = shapeOf(graph, output)
    const loss = lossOf(compile, output)
    const path = loss === compile.loss ? ['compile', 'loss'] : ['compile', 'loss', output]
    return [
      ...problemsAt(path, () => losses.of(loss).checkPrediction?.(loss, shape)),
      ...metricProblems(compile.metrics, 'metrics', output, shape),
      ...metricProblems(compile.weighted_metrics, 'weighted_metrics', output, shape),
    ]
  })
}

function metricProblems(chosen: Compile['metrics'], key: string, output: string, shape: Shape): Problem[] {
  const path = Array.isArray(chosen) ? ['compile', key] : ['compile', key, output]
  const list: readonly ComponentConfig[] = Array.isArray(chosen) ? chosen : (chosen[output] ?? [])
  return list.flatMap((config, i) =>
    problemsAt([...path, i], () => metrics.of(config).checkPrediction?.(config, shape)),
  )
}

function problemsAt(path: ConfigPath, check: () => void): Problem[] {
  try {
    check()
    return []
  } catch (error) {
    if (!(error instanceof ShapeError)) throw error
    return [
      {
        severity: 'error',
        code: 'output-shape',
        path: [...path, ...error.path],
        message: error.message,
        ...(error.hint !== undefined && { hint: error.hint }),
      },
    ]
  }
}
