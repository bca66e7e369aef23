import type { Predictions } from '../train/predictions.ts'

/** Float32 numbers have no more digits than this. */
const DIGITS = 7

/** A csv file: the row of the source (from 1), then a prediction and the probability of each class, or the numbers. */
export function predictionsCsv(outputs: readonly Predictions[], sourceRow: Uint32Array): string {
  const columns = outputs.flatMap((output) => columnsOf(output, outputs.length > 1 ? `${output.name}_` : ''))
  const lines = [['row', ...columns.map(({ title }) => title)].map(field).join(',')]
  for (const [i, row] of sourceRow.entries()) {
    lines.push([String(row + 1), ...columns.map(({ at }) => at(i))].map(field).join(','))
  }
  return `${lines.join('\n')}\n`
}

/** The same as plain objects, one a row. */
export function predictionRecords(outputs: readonly Predictions[], sourceRow: Uint32Array) {
  return Array.from(sourceRow, (row, i) => {
    const [only] = outputs
    if (outputs.length === 1 && only !== undefined) return { row: row + 1, ...record(only, i) }
    return { row: row + 1, ...Object.fromEntries(outputs.map((output) => [output.name, record(output, i)])) }
  })
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
