import { predictionRecords, unseenOf } from '../../experiment/prediction-batch.ts'
import type { PredictionBatch } from '../../experiment/prediction-batch.ts'
import type { Cell } from '../../runtime/cell.ts'
import type { Predictions } from '../../runtime/predictions.ts'
import { runName } from '../../run/run-name.ts'
import { csvField } from '../../table/formats/csv-field.ts'
import { jsonText } from './json-text.ts'

/** Significant digits of a number that is written, or all that it takes to read the same number back. */
export type Digits = number | 'full'

export type PredictionStyle = {
  readonly format: 'csv' | 'jsonl' | 'json'
  readonly digits: Digits
  readonly escapeFormulas: boolean
  /** The folder from which the JSON document names the run. */
  readonly cwd: string
}

/** Characters per write. */
const CHUNK = 2 ** 16

/** Predictions in one of the formats, piece by piece. */
export async function* predictionText(
  batches: AsyncIterable<PredictionBatch>,
  style: PredictionStyle,
): AsyncGenerator<string> {
  let chunk = ''
  let isFirst = true
  for await (const batch of batches) {
    for (const text of textOf(roundedBatch(batch, style.digits), style, isFirst)) {
      isFirst = false
      chunk += text
      if (chunk.length < CHUNK) continue
      yield chunk
      chunk = ''
    }
  }
  yield style.format !== 'json' ? chunk : `${chunk}${isFirst ? '[' : ''}]\n`
}

/** The text of a batch: lines, or pieces of a JSON array. */
function* textOf(batch: PredictionBatch, style: PredictionStyle, isFirst: boolean): Generator<string> {
  const { format, escapeFormulas, cwd } = style
  if (format === 'csv') {
    const line = (fields: readonly string[]): string =>
      `${fields.map(escapeFormulas ? withoutFormula : csvField).join(',')}\n`
    const columns = columnsOf(batch)
    if (isFirst) yield line(columns.map(({ title }) => title))
    for (const i of batch.sourceRow.keys()) yield line(columns.map(({ at }) => textOfCell(at(i))))
    return
  }
  let separator = isFirst ? '[' : ','
  for (const record of predictionRecords(batch)) {
    if (format === 'jsonl') yield `${jsonText(record)}\n`
    else yield `${separator}${jsonText({ ...record, run: runName(batch.model, cwd) })}`
    separator = ','
  }
}

/** A batch with its predictions rounded to significant digits. */
function roundedBatch(batch: PredictionBatch, digits: Digits): PredictionBatch {
  if (digits === 'full') return batch
  const round = (values: Iterable<number>): Float64Array =>
    Float64Array.from(values, (value) => Number(value.toPrecision(digits)))
  const outputs = batch.outputs.map((output): Predictions => {
    if (output.kind === 'numbers') return { ...output, values: round(output.values) }
    const { probabilities } = output
    return { ...output, probabilities: probabilities && round(probabilities) }
  })
  return { ...batch, outputs }
}

type PredictionColumn = { readonly title: string; readonly at: (row: number) => Cell }

/** The columns of a csv file: the row of the source (from 1), what is kept, then each output, and what training did not see. */
function columnsOf({
  outputs,
  layer = false,
  sourceRow,
  kept,
  targets,
  unseen,
}: PredictionBatch): PredictionColumn[] {
  const marksOf = (row: number): string =>
    Object.entries(unseenOf(row, unseen) ?? {})
      .map(([column, value]) => `${column}=${value}`)
      .join(' ')
  return [
    { title: 'row', at: (i) => (sourceRow[i] ?? 0) + 1 },
    ...kept.map(({ name, values }) => ({ title: name, at: (i: number) => values[i] })),
    ...outputs.flatMap((output) => {
      if (layer && output.kind === 'numbers') return layerColumns(output)
      const prefix = outputs.length > 1 ? `${output.name}_` : ''
      const { size = 0, values = [] } = targets.get(output.name) ?? {}
      const known = columnsAt(`${prefix}target`, namesIn(output, size), (i, k) => values[i * size + k])
      return [...outputColumns(output, prefix), ...known]
    }),
    ...(unseen.length > 0 ? [{ title: 'unseen', at: (i: number) => marksOf(sourceRow[i] ?? 0) }] : []),
  ]
}

/** The numbers of a layer, counted from 0 as units are. */
function layerColumns({ name, values, size }: Extract<Predictions, { kind: 'numbers' }>): PredictionColumn[] {
  return Array.from({ length: size }, (_, k) => ({ title: `${name}_${k}`, at: (i) => values[i * size + k] }))
}

/** The label and the probability of each class, or the numbers. */
function outputColumns(output: Predictions, prefix: string): PredictionColumn[] {
  const title = `${prefix}prediction`
  if (output.kind === 'numbers') {
    const { values, size } = output
    return columnsAt(title, namesIn(output, size), (i, k) => values[i * size + k])
  }
  const { classes, indices, steps, probabilities } = output
  const labels = columnsAt(title, namesIn(output, steps), (i, k) => classes[indices[i * steps + k] ?? 0])
  if (steps > 1 || probabilities === undefined) return labels
  const shares = classes.map((label, k): PredictionColumn => ({
    title: `${prefix}p_${label}`,
    at: (i) => probabilities[i * classes.length + k],
  }))
  return [...labels, ...shares]
}

/** The ends of titles of several columns: the names of the target's columns, or numbers from 1. */
function namesIn(output: Predictions, size: number): string[] {
  const names = output.kind === 'numbers' && output.columns.length === size ? output.columns : undefined
  return Array.from({ length: size }, (_, k) => names?.[k] ?? String(k + 1))
}

/** A column, or one for each of several names. */
function columnsAt(
  title: string,
  names: readonly string[],
  at: (row: number, place: number) => Cell,
): PredictionColumn[] {
  return names.map((name, k) => ({
    title: names.length === 1 ? title : `${title}_${name}`,
    at: (row) => at(row, k),
  }))
}

function textOfCell(cell: Cell): string {
  return cell === undefined ? '' : String(cell)
}

/** A field with an apostrophe before what a spreadsheet would take for a formula, as OWASP recommends. */
function withoutFormula(text: string): string {
  return /^[=+\-@\t\r]/.test(text) && Number.isNaN(Number(text)) ? csvField(`'${text}`) : csvField(text)
}
