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

export type CheckOptions = EngineOptions & {
  /** The Python with the program that a format is for; default: python3, then python. */
  readonly python?: string | undefined
}

/** Compares what the program of a format makes of an exported model with what it is here. */
export async function checkExport(
  check: PythonCheck,
  path: string,
  model: OpenedModel,
  options: CheckOptions,
  environment: Environment,
): Promise<ExportCheck> {
  if (check.compares === 'weights') {
    const { weights } = model
    const answer = await runInPython(pythonsOf(options), check, {
      path,
      inputs: [],
      names: [...weights.keys()],
    })
    return compare(check, answer, [...weights.values()], undefined)
  }
  const inputs = await ownRows(model, environment)
  return 'absent' in inputs ? inputs : comparePredictions(check, path, model, inputs, options, environment)
}

/** Compares predictions for encoded rows with those of the program that a file is for. */
export async function comparePredictions(
  check: PythonCheck,
  path: string,
  { task, spec, weights }: Pick<OpenedModel, 'task' | 'spec' | 'weights'>,
  inputs: readonly NamedArray[],
  options: CheckOptions,
  environment: Environment,
): Promise<ExportCheck> {
  const rows = inputs[0]?.shape[0] ?? 0
  const encoded: EncodedRows = {
    rows,
    inputs: inputs.map(({ name, shape, data }) => ({ name, shape: shape.slice(1), data })),
    targets: [],
    sourceRow: new Uint32Array(rows),
  }
  const engine = await openEngineFor(options, spec.fit, environment)
  const session = engine.open(task, weights)
  try {
    const predicted = await session.predict(encoded, Math.min(rows, spec.fit.batch_size))
    const names = task.outputs.map(({ name }) => name)
    const answer = await runInPython(pythonsOf(options), check, { path, inputs, names })
    return compare(
      check,
      answer,
      names.map((name) => required(predicted, name)),
      rows,
    )
  } finally {
    session.dispose()
  }
}

function pythonsOf({ python }: CheckOptions): readonly string[] {
  return python === undefined ? ['python3', 'python'] : [python]
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
