import { callbacks } from '../components/callbacks/index.ts'
import type { Problem } from '../diagnostic.ts'
import { nearest } from '../nearest.ts'
import type { Parsed } from '../spec/load.ts'
import type { Spec } from '../spec/spec.ts'
import { figureNames } from '../compiler/figure-names.ts'
import { lossOf, outputTasks } from './experiment.ts'
import type { Graph, GraphNode } from './graph.ts'
import { predictionProblems } from './prediction-rules.ts'

type Compile = Spec['compile']

/** Rules across keys: how outputs, losses, metrics and callbacks go together. */
export function checkRules(graph: Graph, compile: Compile, { parts, spec }: Parsed): Problem[] {
  const named = lossPerOutput(graph, compile)
  if (named.length > 0) return named
  return [
    ...graph.outputs.flatMap((output) => lastLayerAgainstLoss(graph, compile, output)),
    ...predictionProblems(graph, compile),
    ...(parts.fit ? monitored(graph, compile, parts.fit, spec) : []),
  ]
}

function lossPerOutput(graph: Graph, compile: Compile): Problem[] {
  const { loss } = compile
  if (typeof loss['type'] === 'string') return []
  const missing = graph.outputs.filter((output) => !(output in loss))
  const unknown = Object.keys(loss).filter((name) => !graph.outputs.includes(name))
  return [
    ...missing.map((output): Problem => ({
      severity: 'error',
      code: 'loss-missing',
      path: ['compile', 'loss'],
      at: 'key',
      message: `the output "${output}" has no loss`,
    })),
    ...unknown.map((name): Problem => ({
      severity: 'error',
      code: 'loss-output',
      path: ['compile', 'loss', name],
      at: 'key',
      message: `the model has no output "${name}"`,
      hint: `its outputs are: ${graph.outputs.join(', ')}`,
    })),
  ]
}

function lastLayerAgainstLoss(graph: Graph, compile: Compile, output: string): Problem[] {
  const node = graph.nodes.find(({ name }) => name === output)
  if (node === undefined) return []
  const loss = lossOf(compile, output)
  const activation = lastActivation(node)
  const units = node.shape.at(-1) ?? 1
  const path = ['model', 'layers', layerIndex(graph, node)]
  const report = (code: string, message: string, hint: string): Problem[] => [
    {
      severity: 'error',
      code,
      path: node.config.type === 'dense' ? [...path, 'activation'] : path,
      message,
      hint,
    },
  ]
  const categorical = /^(sparse_)?categorical_(focal_)?crossentropy$/.test(loss.type)
  if (activation === 'softmax' && units === 1) {
    return report(
      'softmax-one-unit',
      'softmax over one unit is always 1',
      'use sigmoid with binary_crossentropy, or one unit a class',
    )
  }
  if (categorical && units === 1) {
    return report(
      'units',
      `${loss.type} compares one probability a class, but "${output}" has 1 unit`,
      'give it one unit a class with softmax, or use binary_crossentropy with sigmoid',
    )
  }
  if (categorical && activation === 'sigmoid') {
    return report(
      'activation-loss',
      `${loss.type} wants probabilities that add up to 1, but sigmoid gives each unit its own`,
      'use softmax, or binary_crossentropy for labels that do not exclude each other',
    )
  }
  if (categorical && activation !== 'softmax' && loss['from_logits'] === false) {
    return report(
      'activation-loss',
      `${loss.type} wants probabilities, but "${output}" ends with ${activation}`,
      'end with softmax, or set from_logits: true in the loss',
    )
  }
  if (loss.type === 'binary_crossentropy' && activation === 'softmax') {
    return report(
      'activation-loss',
      'binary_crossentropy wants one yes or no a unit, but softmax makes the units share 1',
      'use categorical_crossentropy with softmax, or sigmoid',
    )
  }
  if (loss.type === 'binary_crossentropy' && activation !== 'sigmoid' && loss['from_logits'] === false) {
    return report(
      'activation-loss',
      `binary_crossentropy wants probabilities, but "${output}" ends with ${activation}`,
      'end with sigmoid, or set from_logits: true in the loss',
    )
  }
  return []
}

function monitored(graph: Graph, compile: Compile, fit: Spec['fit'], spec: Spec | undefined): Problem[] {
  const validation = spec === undefined || hasValidation(spec)
  const names = figureNames(outputTasks(graph, compile), validation)
  return fit.callbacks.flatMap((config, i): Problem[] => {
    const monitor = callbacks.of(config).monitor(config)
    if (names.includes(monitor)) return []
    const path = ['fit', 'callbacks', i, 'monitor']
    const close = nearest(monitor, names)
    if (monitor.startsWith('val_') && !validation) {
      return [
        {
          severity: 'error',
          code: 'monitor',
          path,
          message: `${config.type} follows ${monitor}, but there is no validation split`,
          hint: 'set data.split.validation, or monitor loss',
        },
      ]
    }
    const hint = close === undefined ? `the figures are: ${names.join(', ')}` : `did you mean "${close}"?`
    return [
      {
        severity: 'error',
        code: 'monitor',
        path,
        message: `${config.type} follows ${monitor}, which is not computed`,
        hint,
      },
    ]
  })
}

/** Whether a config sets rows aside for validation. */
export function hasValidation(spec: Spec): boolean {
  return spec.data.split.validation > 0
}

function lastActivation(node: GraphNode): string {
  const option = node.config['activation']
  if (typeof option === 'object' && option !== null && 'type' in option) return String(option.type)
  return node.config.type
}

function layerIndex(graph: Graph, node: GraphNode): number {
  return graph.nodes.indexOf(node)
}
