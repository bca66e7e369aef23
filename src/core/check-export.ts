import type { EncodedRows } from '../data/rows/encoded-rows.ts'
import { gatherInput } from '../engine/batch.ts'
import { NnlabError } from '../errors.ts'
import { compare } from '../exchange/compare.ts'
import type { ExportCheck } from '../exchange/compare.ts'
import { runInPython } from '../exchange/python.ts'
import type { NamedArray, PythonCheck } from '../exchange/python.ts'
import { openEngineFor } from '../experiment/engine.ts'
import type { EngineOptions } from '../experiment/engine.ts'
import type { Environment } from '../experiment/environment.ts'
import { ownData } from '../experiment/model.ts'
import type { OpenedModel } from '../experiment/model.ts'
import { required } from '../step/step-program.ts'

/** Rows that are compared. */
const CHECKED_ROWS = 100

/** Compares what the program of a format makes of an exported model with what it is here. */
export async function checkExport(
  check: PythonCheck,
  path: string,
  model: OpenedModel,
  { python, ...choice }: EngineOptions & { readonly python?: string | undefined },
  environment: Environment,
): Promise<ExportCheck> {
  const pythons = python === undefined ? ['python3', 'python'] : [python]
  const wanted =
    check.compares === 'weights'
      ? { inputs: [], results: model.weights, rows: undefined }
      : await ownPredictions(model, choice, environment)
  if ('absent' in wanted) return wanted
  const { inputs, results, rows } = wanted
  const answer = await runInPython(pythons, check, { path, inputs, names: [...results.keys()] })
  return compare(check, answer, [...results.values()], rows)
}

type OwnPredictions = {
  readonly inputs: readonly NamedArray[]
  /** By output, in order. */
  readonly results: ReadonlyMap<string, Float32Array>
  readonly rows: number
}

async function ownPredictions(
  model: OpenedModel,
  choice: EngineOptions,
  environment: Environment,
): Promise<OwnPredictions | { readonly absent: string }> {
  const inputs = await ownRows(model, environment)
  if ('absent' in inputs) return inputs
  const { task, spec, weights } = model
  const rows = inputs[0]?.shape[0] ?? 0
  const encoded: EncodedRows = {
    rows,
    inputs: inputs.map(({ name, shape, data }) => ({ name, shape: shape.slice(1), data })),
    targets: [],
    sourceRow: new Uint32Array(rows),
  }
  const engine = await openEngineFor(choice, spec.fit, environment)
  const session = engine.open(task, weights)
  try {
    const predicted = await session.predict(encoded, Math.min(rows, spec.fit.batch_size))
    const results = new Map(task.outputs.map(({ name }) => [name, required(predicted, name)]))
    return { inputs, results, rows }
  } finally {
    session.dispose()
  }
}

/** The inputs for the first rows of the test split, else of the validation or the training split. */
async function ownRows(
  model: OpenedModel,
  environment: Environment,
): Promise<readonly NamedArray[] | { readonly absent: string }> {
  try {
    const data = await ownData(model, environment)
    try {
      const set = data.test ?? data.validation ?? data.train
      const count = Math.min(set.rows, CHECKED_ROWS)
      const window = await set.window(Uint32Array.from({ length: count }, (_, i) => i))
      const inputs = window.encoded.inputs.map((input) => ({
        name: input.name,
        shape: [count, ...input.shape],
        data: gatherInput(input, window.order),
      }))
      set.release(window)
      return inputs
    } finally {
      data.close()
    }
  } catch (error) {
    if (!(error instanceof NnlabError)) throw error
    return { absent: `its rows cannot be read: ${error.message}` }
  }
}
