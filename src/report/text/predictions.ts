import type { UnseenValues } from '../../data/fit/unseen.ts'
import type { Predictions } from '../../runtime/predictions.ts'
import { jsonText } from './json-text.ts'

/** Significant digits of a number that is written, or all that it takes to read the same number back. */
export type Digits = number | 'full'

/** Float32 numbers have no more digits that are sure. */
const DIGITS = 7

/** The fields of the header of a CSV file of predictions. */
function predictionsHeader(outputs: readonly Predictions[], unseen: readonly UnseenValues[]): string[] {
  const titles = columnsIn(outputs, DIGITS).map(({ title }) => title)
  return ['row', ...titles, ...(unseen.length > 0 ? ['unseen'] : [])]
}

/** The fields of the lines of a CSV file of predictions: the row of the source (from 1), then the label and the probability of each class, or the numbers. */
function* predictionLines(
  outputs: readonly Predictions[],
  sourceRow: Uint32Array,
  unseen: readonly UnseenValues[],
  digits: Digits,
): Generator<string[]> {
  const columns = columnsIn(outputs, digits)
  for (const [i, row] of sourceRow.entries()) {
    const found = Object.entries(unseenOf(row, unseen) ?? {}).map(([column, value]) => `${column}=${value}`)
    const marks = unseen.length > 0 ? [found.join(' ')] : []
    yield [String(row + 1), ...columns.map(({ at }) => at(i)), ...marks]
  }
}

/** The values of a row that training did not see, by column; undefined where there are none. */
function unseenOf(row: number, unseen: readonly UnseenValues[]): Record<string, string> | undefined {
  const found = unseen.flatMap(({ column, values }): [string, string][] => {
    const value = values.get(row)
    return value === undefined ? [] : [[column, value]]
  })
  return found.length > 0 ? Object.fromEntries(found) : undefined
}

function columnsIn(outputs: readonly Predictions[], digits: Digits): PredictionColumn[] {
  return outputs.flatMap((output) => columnsOf(output, outputs.length > 1 ? `${output.name}_` : '', digits))
}

/** The predicted label or number of a row, or several of them, and the probability of each class. */
export type Prediction = {
  readonly prediction: string | number | undefined | readonly (string | number | undefined)[]
  readonly probabilities?: Readonly<Record<string, number>>
}

/** Predictions for a row of the source (from 1): one, or one for each output, by its name. */
export type PredictionRecord = Partial<Prediction> & {
  readonly row: number
  /** Values that training did not see, by column, in rows that have some. */
  readonly unseen?: Readonly<Record<string, string>>
  readonly [output: string]: unknown
}

/** Predictions as plain objects, one a row. */
export function* predictionRecords(
  outputs: readonly Predictions[],
  sourceRow: Uint32Array,
  unseen: readonly UnseenValues[],
  digits: Digits = DIGITS,
): Generator<PredictionRecord> {
  const [only] = outputs
  for (const [i, row] of sourceRow.entries()) {
    const marks = unseenOf(row, unseen)
    const each = (): object =>
      Object.fromEntries(outputs.map((output) => [output.name, record(output, i, digits)]))
    const predicted = outputs.length === 1 && only !== undefined ? record(only, i, digits) : each()
    yield { row: row + 1, ...predicted, ...(marks && { unseen: marks }) }
  }
}

type PredictionColumn = { readonly title: string; readonly at: (row: number) => string }

function columnsOf(output: Predictions, prefix: string, digits: Digits): PredictionColumn[] {
  if (output.kind === 'numbers') {
    const { values, size, columns } = output
    return Array.from({ length: size }, (_, k) => ({
      title: `${prefix}prediction${size === 1 ? '' : `_${columns.length === size ? columns[k] : k + 1}`}`,
      at: (row) => String(rounded(values[row * size + k] ?? NaN, digits)),
    }))
  }
  const { classes, indices, steps, probabilities } = output
  const labels = Array.from({ length: steps }, (_, k): PredictionColumn => ({
    title: `${prefix}prediction${steps === 1 ? '' : `_${k + 1}`}`,
    at: (row) => classes[indices[row * steps + k] ?? 0] ?? '',
  }))
  if (steps > 1 || probabilities === undefined) return labels
  return [
    ...labels,
    ...classes.map((label, k): PredictionColumn => ({
      title: `${prefix}p_${label}`,
      at: (row) => String(rounded(probabilities[row * classes.length + k] ?? NaN, digits)),
    })),
  ]
}

function record(output: Predictions, row: number, digits: Digits): Prediction {
  if (output.kind === 'numbers') {
    const { values, size } = output
    const numbers = Array.from(values.subarray(row * size, (row + 1) * size), (x) => rounded(x, digits))
    return { prediction: size === 1 ? numbers[0] : numbers }
  }
  const { classes, indices, steps, probabilities } = output
  const labels = Array.from(indices.subarray(row * steps, (row + 1) * steps), (index) => classes[index])
  if (steps > 1 || probabilities === undefined) return { prediction: steps === 1 ? labels[0] : labels }
  const shares = classes.map((label, k): [string, number] => [
    String(label),
    rounded(probabilities[row * classes.length + k] ?? NaN, digits),
  ])
  return { prediction: labels[0], probabilities: Object.fromEntries(shares) }
}

function rounded(value: number, digits: Digits): number {
  return digits === 'full' ? value : Number(value.toPrecision(digits))
}

/** Quotes a field that contains a comma, a quote or a line break, as RFC 4180 prescribes. */
function quoted(text: string): string {
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text
}

/** The same, with an apostrophe before what a spreadsheet would take for a formula, as OWASP recommends. */
function withoutFormula(text: string): string {
  return /^[=+\-@\t\r]/.test(text) && Number.isNaN(Number(text)) ? quoted(`'${text}`) : quoted(text)
}

/** Characters per write. */
const CHUNK = 2 ** 16

type PredictionStyle = {
  readonly format: 'csv' | 'jsonl' | 'json'
  readonly digits: Digits
  readonly escapeFormulas: boolean
}

/** Writes predictions batch by batch, in one of the formats. */
export class PredictionWriter {
  readonly #format: PredictionStyle['format']
  readonly #emit: (text: string) => void
  readonly #digits: Digits
  readonly #field: (text: string) => string
  #isFirst = true

  constructor({ format, digits, escapeFormulas }: PredictionStyle, emit: (text: string) => void) {
    this.#format = format
    this.#digits = digits
    this.#field = escapeFormulas ? withoutFormula : quoted
    this.#emit = emit
  }

  write(outputs: readonly Predictions[], sourceRow: Uint32Array, unseen: readonly UnseenValues[]): void {
    let chunk = ''
    for (const text of this.#lines(outputs, sourceRow, unseen)) {
      chunk += text
      if (chunk.length < CHUNK) continue
      this.#emit(chunk)
      chunk = ''
    }
    if (chunk !== '') this.#emit(chunk)
    this.#isFirst = false
  }

  end(): void {
    if (this.#format === 'json') this.#emit(this.#isFirst ? '[]\n' : ']\n')
  }

  #csvLine(fields: readonly string[]): string {
    return `${fields.map(this.#field).join(',')}\n`
  }

  *#lines(
    outputs: readonly Predictions[],
    sourceRow: Uint32Array,
    unseen: readonly UnseenValues[],
  ): Generator<string> {
    if (this.#format === 'csv') {
      if (this.#isFirst) yield this.#csvLine(predictionsHeader(outputs, unseen))
      for (const fields of predictionLines(outputs, sourceRow, unseen, this.#digits))
        yield this.#csvLine(fields)
      return
    }
    for (const record of predictionRecords(outputs, sourceRow, unseen, this.#digits)) {
      const text = jsonText(record)
      yield this.#format === 'jsonl' ? `${text}\n` : this.#isFirst ? `[${text}` : `,${text}`
      this.#isFirst = false
    }
  }
}
