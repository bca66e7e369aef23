import { ConfigError } from '../diagnostic.ts'
import type { Diagnostic } from '../diagnostic.ts'
import type { ConfigDocument } from '../spec/document/document.ts'
import { parseSpec } from '../spec/load.ts'
import type { Spec } from '../spec/schema/spec.ts'
import { inferGraph } from '../model/build.ts'
import type { BuiltModel } from '../model/build.ts'
import type { Graph } from '../model/graph.ts'
import { checkRules } from '../model/rules/index.ts'

/** A config that can be run. */
export type Experiment = {
  readonly document: ConfigDocument
  readonly spec: Spec
  readonly graph: Graph
  readonly warnings: readonly Diagnostic[]
}

/** Parts of a config that decide which rows are used. */
export type RowsSpec = Pick<Spec, 'data' | 'seed'>

/** Everything that is wrong with a config, found without data and without a tensor library. */
export function checkConfig(document: ConfigDocument): {
  experiment?: Experiment
  /** The data section and the seed, if these are valid; the rest need not be. */
  rows?: RowsSpec
  diagnostics: readonly Diagnostic[]
} {
  const { data } = document
  if (data === undefined || !document.problems.every(({ code }) => harmless.has(code))) {
    return { diagnostics: document.problems }
  }
  const { spec, draft, problems } = parseSpec(data, document.file)
  const { graph, outline, problems: wrong } = draft.model ? inferGraph(draft.model) : nothing
  const found = [...problems, ...wrong, ...checkRules(draft, outline)].map((problem) =>
    document.locate(problem),
  )
  const diagnostics = [...document.problems, ...found.filter((one) => !isEcho(one, document.problems))]
  if (spec && graph && diagnostics.every(({ severity }) => severity !== 'error')) {
    const experiment = { document, spec, graph, warnings: diagnostics }
    return { experiment, rows: { data: spec.data, seed: spec.seed }, diagnostics }
  }
  const isAboutRows = ({ severity, path }: Diagnostic): boolean =>
    severity === 'error' && /^(data|seed)\b/.test(path)
  if (draft.data === undefined || diagnostics.some(isAboutRows)) return { diagnostics }
  return {
    rows: { data: draft.data, seed: typeof data['seed'] === 'number' ? data['seed'] : 0 },
    diagnostics,
  }
}

const nothing: BuiltModel = { outline: { inputs: undefined, nodes: [], outputs: undefined }, problems: [] }

/** Problems of the text that do not change the meaning of the rest. */
const harmless: ReadonlySet<string> = new Set(['duplicate-key', 'unresolved-alias', 'set'])

/** True where a problem of the text at the same position is the cause. */
function isEcho({ file, line, column }: Diagnostic, causes: readonly Diagnostic[]): boolean {
  return causes.some((cause) => cause.file === file && cause.line === line && cause.column === column)
}

/** The experiment of a config; throws a ConfigError with everything that is wrong with it. */
export function loadExperiment(document: ConfigDocument): Experiment {
  const { experiment, diagnostics } = checkConfig(document)
  if (experiment === undefined) throw new ConfigError(diagnostics, document.sources)
  return experiment
}
