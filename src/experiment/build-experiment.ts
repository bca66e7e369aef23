import { ConfigError } from '../diagnostic.ts'
import type { Diagnostic } from '../diagnostic.ts'
import { baseProblems } from './base-problems.ts'
import type { ModelDocument } from './base-model.ts'
import { parseSpec } from '../spec/load.ts'
import { wholeModel } from '../spec/check/draft.ts'
import type { SpecDraft } from '../spec/check/draft.ts'
import type { ModelSpec } from '../spec/schema/model.ts'
import type { Spec } from '../spec/schema/spec.ts'
import type { SweepSpec } from '../spec/schema/sweep.ts'
import { inferGraph } from '../model/build.ts'
import type { BuiltModel } from '../model/build.ts'
import type { Graph, Outline } from '../model/graph.ts'
import { withSizes } from '../model/sizes.ts'
import { checkRules } from '../model/rules/index.ts'

/** A config that can be run. */
export type Experiment = {
  readonly document: ModelDocument
  readonly spec: Spec
  /** The section `sweep:`, where there is one. */
  readonly sweep?: SweepSpec | undefined
  readonly outline: Outline
  readonly warnings: readonly Diagnostic[]
}

/** A config whose sizes are all known: written in it, or told by its rows. */
export type SizedExperiment = Experiment & { readonly graph: Graph }

export function isSized(experiment: Experiment): experiment is SizedExperiment {
  return 'graph' in experiment
}

/** Parts of a config that decide which rows are used. */
export type RowsSpec = Pick<Spec, 'data' | 'seed'>

/** A model as it is known without data; the config of which may be that model alone. */
export type SketchedModel = {
  readonly name: string
  readonly outline: Outline
  /** Undefined where there are no rows. */
  readonly spec: Spec | undefined
}

/** Everything that is wrong with a config, or with a file that holds a model, compiled or not, without rows to train it on. */
export function checkModel(document: ModelDocument): {
  readonly model: SketchedModel
  /** Undefined where there are errors, or no rows. */
  readonly experiment: Experiment | undefined
  readonly diagnostics: readonly Diagnostic[]
} {
  const checked = check(document)
  const { name, spec, outline, diagnostics } = checked
  const isAlone =
    document.data?.['model'] !== undefined &&
    ['data', 'fit', 'checkpoint'].every((section) => document.data?.[section] === undefined)
  const isWanted = ({ code, path }: Diagnostic): boolean => code === 'missing-key' && !path.includes('.')
  return {
    model: { name, outline, spec },
    experiment: experimentOf(document, checked),
    diagnostics: isAlone ? diagnostics.filter((one) => !isWanted(one)) : diagnostics,
  }
}

/**
 * Everything that is wrong with a config, found without data and without a tensor library. A model is that of the config
 * with the sizes that it leaves to the data.
 */
export function checkConfig(
  document: ModelDocument,
  model?: ModelSpec,
): {
  experiment?: Experiment
  /** The data section and the seed, if these are valid; the rest need not be. */
  rows?: RowsSpec
  diagnostics: readonly Diagnostic[]
} {
  const checked = check(document, model)
  const { draft, diagnostics } = checked
  const experiment = experimentOf(document, checked)
  if (experiment) {
    const { data, seed } = experiment.spec
    return { experiment, rows: { data, seed }, diagnostics }
  }
  const isAboutRows = ({ severity, path }: Diagnostic): boolean =>
    severity === 'error' && /^(data|seed)\b/.test(path)
  if (draft?.data === undefined || diagnostics.some(isAboutRows)) return { diagnostics }
  return {
    rows: { data: draft.data, seed: typeof document.data?.['seed'] === 'number' ? document.data['seed'] : 0 },
    diagnostics,
  }
}

type Checked = SketchedModel & {
  readonly graph?: Graph
  readonly sweep?: SweepSpec | undefined
  /** Undefined where the text has no meaning. */
  readonly draft: SpecDraft | undefined
  readonly diagnostics: readonly Diagnostic[]
}

function check(document: ModelDocument, model?: ModelSpec): Checked {
  const { data } = document
  if (data === undefined || !document.problems.every(({ code }) => harmless.has(code))) {
    const { outline } = nothing
    return { name: '', spec: undefined, draft: undefined, outline, diagnostics: document.problems }
  }
  const { name, spec, sweep, draft: written, problems } = parseSpec(data, document.file)
  const draft = { ...written, ...(model && { model: wholeModel(model) }) }
  const { graph, outline, problems: wrong } = draft.model ? inferGraph(draft.model) : nothing
  const rules = [...checkRules(draft, outline), ...baseProblems(document)]
  const found = [...problems, ...wrong, ...rules].map((problem) => document.locate(problem))
  return {
    name,
    spec: spec && { ...spec, model: withInputs(model ?? spec.model, outline, graph) },
    sweep,
    draft,
    outline,
    ...(graph && { graph }),
    diagnostics: [...document.problems, ...found.filter((one) => !isEcho(one, document.problems))],
  }
}

/** A saved model needs its inputs: those that the data section tells, such as the size of images, are written, too. */
function withInputs(model: ModelSpec, outline: Outline, graph: Graph | undefined): ModelSpec {
  if (!graph) return model
  const inputs = new Map(graph.inputs.map(({ name, shape }) => [name, shape]))
  return withSizes(model, outline, { inputs, vocabularies: new Map(), classes: new Map() })
}

function experimentOf(
  document: ModelDocument,
  { spec, sweep, graph, outline, diagnostics }: Checked,
): Experiment | undefined {
  if (!spec || diagnostics.some(({ severity }) => severity === 'error')) return undefined
  return { document, spec, sweep, outline, warnings: diagnostics, ...(graph && { graph }) }
}

const nothing: BuiltModel = { outline: { inputs: undefined, nodes: [], outputs: undefined }, problems: [] }

/** Problems of the text that do not change the meaning of the rest. */
const harmless: ReadonlySet<string> = new Set(['duplicate-key', 'unresolved-alias', 'set'])

/** True where a problem of the text at the same position is the cause, or one about what the map around should merge. */
function isEcho({ file, line, column, path }: Diagnostic, causes: readonly Diagnostic[]): boolean {
  return causes.some(
    (cause) =>
      (cause.file === file && cause.line === line && cause.column === column) ||
      (cause.path.endsWith('.<<') && path.startsWith(cause.path.slice(0, -'.<<'.length))),
  )
}

/** The experiment of a config; throws a ConfigError with everything that is wrong with it. */
export function loadExperiment(document: ModelDocument): Experiment {
  const { experiment, diagnostics } = checkConfig(document)
  if (experiment === undefined) throw new ConfigError(diagnostics, document.sources)
  return experiment
}
