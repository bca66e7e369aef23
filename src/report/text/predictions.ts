import type { Predictions } from '../../runtime/predictions.ts'

/** Float32 numbers have no more digits than this. */
const DIGITS = 7

/** The first line of a csv file of predictions. */
export function predictionsHeader(outputs: readonly Predictions[]): string {
  return csvLine(['row', ...columnsIn(outputs).map(({ title }) => title)])
}

/** Its other lines: the row of the source (from 1), then a prediction and the probability of each class, or the numbers. */
export function* predictionLines(outputs: readonly Predictions[], sourceRow: Uint32Array): Generator<string> {
  const columns = columnsIn(outputs)
  for (const [i, row] of sourceRow.entries()) {
    yield csvLine([String(row + 1), ...columns.map(({ at }) => at(i))])
  }
}

function csvLine(fields: readonly string[]): string {
  return `${fields.map(field).join(',')}\n`
}

function columnsIn(outputs: readonly Predictions[]): Column[] {
  return outputs.flatMap((output) => columnsOf(output, outputs.length > 1 ? `${output.name}_` : ''))
}

/** The same as plain objects, one a row. */
export function* predictionRecords(outputs: readonly Predictions[], sourceRow: Uint32Array) {
  const [only] = outputs
  for (const [i, row] of sourceRow.entries()) {
    if (outputs.length === 1 && only !== undefined) yield { row: row + 1, ...record(only, i) }
    else
      yield { row: row + 1, ...Object.fromEntries(outputs.map((output) => [output.name, record(output, i)])) }
  }
}

type Column = { readonly title: string; readonly at: (row: number) => string }

function columnsOf(output: Predictions, prefix: string): Column[] {
  if (output.kind === 'numbers') {
    const { values, size, columns } = output
    return Array.from({ length: size }, (_, k) => ({
      title: `${prefix}prediction${size === 1 ? '' : `_${columns.length === size ? columns[k] : k + 1}`}`,
      at: (row) => String(rounded(values[row * size + k] ?? NaN)),
    }))
  }
  const { classes, indices, steps, probabilities } = output
  const labels = Array.from({ length: steps }, (_, k): Column => ({
    title: `${prefix}prediction${steps === 1 ? '' : `_${k + 1}`}`,
    at: (row) => classes[indices[row * steps + k] ?? 0] ?? '',
  }))
  if (steps > 1 || probabilities === undefined) return labels
  return [
    ...labels,
    ...classes.map((label, k): Column => ({
      title: `${prefix}p_${label}`,
      at: (row) => String(rounded(probabilities[row * classes.length + k] ?? NaN)),
    })),
  ]
}

function record(output: Predictions, row: number) {
  if (output.kind === 'numbers') {
    const { values, size } = output
    const numbers = Array.from(values.subarray(row * size, (row + 1) * size), rounded)
    return { prediction: size === 1 ? numbers[0] : numbers }
  }
  const { classes, indices, steps, probabilities } = output
  const labels = Array.from(indices.subarray(row * steps, (row + 1) * steps), (index) => classes[index])
  if (steps > 1 || probabilities === undefined) return { prediction: steps === 1 ? labels[0] : labels }
  const shares = classes.map((label, k): [string, number] => [
    String(label),
    rounded(probabilities[row * classes.length + k] ?? NaN),
  ])
  return { prediction: labels[0], probabilities: Object.fromEntries(shares) }
}

function rounded(value: number): number {
  return Number(value.toPrecision(DIGITS))
}

/** RFC 4180: quotes around what holds a comma, a quote or a line break. */
function field(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}
