import { readRows } from '../../../data/prepare/new-rows.ts'
import type { RowsFormat } from '../../../data/prepare/rows-format.ts'
import type { RowSet } from '../../../data/rows/row-set.ts'
import { DataError, ExitCode } from '../../../errors.ts'
import { renderEvaluation } from '../../../report/text/evaluation.ts'
import type { Evaluation } from '../../../report/text/evaluation.ts'
import { classScores, confusionOf } from '../../../train/confusion.ts'
import type { Confusion } from '../../../train/confusion.ts'
import { evaluateRows } from '../../../train/evaluate.ts'
import { metricValuesOf } from '../../../train/metric-values.ts'
import { decode } from '../../../runtime/predictions.ts'
import { openEngineFor } from '../../../experiment/engine.ts'
import type { EngineFlags } from '../../../experiment/engine.ts'
import type { Io } from '../../io.ts'
import { openModel, ownData, rowsReading, rowsSource } from '../../../experiment/model.ts'
import type { OpenedModel } from '../../../experiment/model.ts'

export type EvaluateOptions = EngineFlags & {
  readonly model: string
  readonly data: string | undefined
  readonly from: RowsFormat | undefined
  readonly labels: string | undefined
  readonly split: 'train' | 'validation' | 'test' | undefined
  readonly json: boolean
  readonly quiet: boolean
}

/** Measures a trained model on rows whose targets are known. */
export async function evaluate(options: EvaluateOptions, io: Io): Promise<number> {
  const model = await openModel(options.model, io)
  const { rows, notes, what, close } = await rowsOf(model, options, io)
  for (const note of notes) if (!options.quiet) io.stderr.write(`note: ${note}\n`)
  const engine = await openEngineFor(options, model.spec.fit, model.task, io)
  const session = engine.open(model.task, model.weights)
  const { batch_size } = model.spec.fit
  const found = new Map<string, { classes: readonly string[]; confusion: Confusion }>()
  const sums = await evaluateRows(session, rows, batch_size, async (encoded) => {
    const outputs = await session.predict(encoded, batch_size)
    for (const task of model.task.outputs) {
      const state = model.preprocessing.outputs.find(({ name }) => name === task.name)
      const target = encoded.targets.find(({ name }) => name === task.name)
      const values = outputs.get(task.name)
      if (state?.kind !== 'classes' || target?.kind !== 'classes' || values === undefined) continue
      const predicted = decode(task, state, values)
      if (predicted.kind !== 'classes') continue
      const { classes, indices } = predicted
      const before = found.get(task.name)?.confusion
      found.set(task.name, { classes, confusion: confusionOf(target.data, indices, classes.length, before) })
    }
  })
  session.dispose()
  close()
  const evaluation: Evaluation = {
    rows: rows.rows,
    metrics: metricValuesOf(model.task, sums),
    outputs: Array.from(found, ([name, { classes, confusion }]) => ({
      name,
      per_class: classScores(confusion, classes),
      confusion,
    })),
  }
  io.stdout.write(
    options.json ? `${JSON.stringify(evaluationJson(evaluation))}\n` : renderEvaluation(what, evaluation),
  )
  return ExitCode.done
}

/** The document of `evaluate --json`. */
function evaluationJson({ rows, metrics, outputs }: Evaluation) {
  const [only] = outputs
  if (outputs.length === 1 && only !== undefined) {
    return { rows, metrics, per_class: only.per_class, confusion: only.confusion }
  }
  return { rows, metrics, ...(outputs.length > 0 && { outputs }) }
}

async function rowsOf(
  model: OpenedModel,
  { data, from, labels, split }: EvaluateOptions,
  io: Io,
): Promise<{ rows: RowSet; notes: readonly string[]; what: string; close: () => void }> {
  if (data !== undefined) {
    const source = await rowsSource(data, { from, labels }, io)
    const read = await readRows(source, model.preprocessing, rowsReading(model, { targets: true }, io))
    return { ...read, what: data }
  }
  const prepared = await ownData(model, io)
  const chosen = split ?? (prepared.test ? 'test' : prepared.validation ? 'validation' : 'train')
  const rows = prepared[chosen]
  if (rows === undefined) {
    throw new DataError(`the config sets no rows aside for the ${chosen} split`, {
      hint: `set data.split.${chosen} and train again`,
    })
  }
  return { rows, notes: [], what: `${chosen} rows`, close: () => prepared.close() }
}
