import { losses } from '../components/losses/index.ts'
import { resolveAccuracy } from '../components/metrics/accuracy.ts'
import type { MetricTask, OutputTask } from '../compiler/task.ts'
import { ConfigError } from '../diagnostic.ts'
import type { Diagnostic, Problem } from '../diagnostic.ts'
import type { ComponentConfig } from '../registry.ts'
import { loadDocument } from '../spec/document.ts'
import type { ConfigDocument } from '../spec/document.ts'
import { parseSpec } from '../spec/load.ts'
import type { Parsed } from '../spec/load.ts'
import type { Spec } from '../spec/spec.ts'
import { buildGraph } from './build.ts'
import type { Graph } from './graph.ts'
import { shapeOf } from './graph.ts'
import { checkRules } from './rules.ts'

/** A config that can be run. */
export type Experiment = {
  readonly document: ConfigDocument
  readonly spec: Spec
  readonly graph: Graph
  readonly warnings: readonly Diagnostic[]
}

/** Everything that is wrong with a config, found without data and without a tensor library. */
export function checkConfig(document: ConfigDocument): {
  experiment?: Experiment
  diagnostics: readonly Diagnostic[]
} {
  if (document.problems.length > 0) return { diagnostics: document.problems }
  const parsed = parseSpec(document.data, document.file)
  const built = buildPartial(parsed)
  const rules =
    built.graph && parsed.parts.compile ? checkRules(built.graph, parsed.parts.compile, parsed) : []
  const problems: Problem[] = [...parsed.problems, ...built.problems, ...rules]
  const diagnostics = problems.map((problem) => document.locate(problem))
  if (
    parsed.spec === undefined ||
    built.graph === undefined ||
    problems.some(({ severity }) => severity === 'error')
  ) {
    return { diagnostics }
  }
  return {
    experiment: { document, spec: parsed.spec, graph: built.graph, warnings: diagnostics },
    diagnostics,
  }
}

/** Reads a config or throws a ConfigError with all that is wrong with it. */
export function loadExperiment(file: string, overrides: readonly string[]): Experiment {
  const document = loadDocument(file, overrides)
  const { experiment, diagnostics } = checkConfig(document)
  if (experiment === undefined) throw new ConfigError(diagnostics, document.sources)
  return experiment
}

function buildPartial({ spec, parts, problems }: Parsed): ReturnType<typeof buildGraph> {
  if (spec !== undefined) return buildGraph(spec.model)
  const model: Record<string, unknown> =
    typeof parts.model === 'object' && parts.model !== null ? { ...parts.model } : {}
  const broken = problems.some(({ path }) => path[0] === 'model' && path[1] !== 'layers')
  if (broken || parts.layers.length === 0) return { problems: [] }
  return buildGraph({ ...shapesIn(model), layers: parts.layers })
}

function shapesIn(model: Record<string, unknown>): { input?: number[]; inputs?: Record<string, number[]> } {
  const { input, inputs } = model
  if (Array.isArray(input)) return { input: input.map(Number) }
  if (typeof inputs !== 'object' || inputs === null) return {}
  return {
    inputs: Object.fromEntries(
      Object.entries(inputs).map(([name, shape]) => [name, Array.isArray(shape) ? shape.map(Number) : []]),
    ),
  }
}

/** What is computed from each output of the model. */
export function outputTasks(graph: Graph, compile: Spec['compile']): OutputTask[] {
  return graph.outputs.map((name) => {
    const loss = lossOf(compile, name)
    const units = shapeOf(graph, name).at(-1) ?? 1
    const prefix = graph.outputs.length > 1 ? `${name}_` : ''
    const list = (metrics: Spec['compile']['metrics'], weighted: boolean): MetricTask[] => {
      const chosen = Array.isArray(metrics) ? metrics : (metrics[name] ?? [])
      return chosen.map((config) => ({
        label: `${prefix}${config.type}`,
        config: resolveAccuracy(config, losses.of(loss).target, units),
        weighted,
      }))
    }
    return {
      name,
      kind: losses.of(loss).kind,
      loss,
      lossWeight: compile.loss_weights?.[name] ?? 1,
      metrics: [...list(compile.metrics, false), ...list(compile.weighted_metrics, true)],
    }
  })
}

/** The loss of one output. */
export function lossOf(compile: Spec['compile'], output: string): ComponentConfig {
  const { loss } = compile
  if (isComponent(loss)) return loss
  const chosen = loss[output]
  if (chosen === undefined) throw new Error(`no loss is given for the output ${output}`)
  return chosen
}

function isComponent(loss: Spec['compile']['loss']): loss is ComponentConfig {
  return typeof loss['type'] === 'string'
}
