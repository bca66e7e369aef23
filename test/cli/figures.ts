import * as z from 'zod'

// Losses and metrics in float64, by formulas that are Keras's definitions and share no code with the program.

/** Metric values by name. */
export const Figures = z.record(z.string(), z.number())
export type Figures = z.output<typeof Figures>

/** Targets and predictions of a row, one number for each unit, with its weight. */
export type Row = { readonly y: readonly number[]; readonly p: readonly number[]; readonly w: number }
type Of<T> = (rows: readonly Row[]) => T

export const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)
export const mean = (values: readonly number[]): number => sum(values) / values.length
const meanOf = (row: Row, f: (y: number, p: number) => number): number =>
  mean(row.y.map((y, k) => f(y, row.p[k] ?? NaN)))
const weighted =
  (f: (y: number, p: number) => number): Of<number> =>
  (rows) =>
    sum(rows.map((row) => row.w * meanOf(row, f))) / sum(rows.map(({ w }) => w))

// -- losses of a row -----------------------------------------------------------------------------------------------

export const LOSSES: Record<string, (row: Row) => number> = {
  mean_squared_error: (row) => meanOf(row, (y, p) => (y - p) ** 2),
  log_cosh: (row) => meanOf(row, (y, p) => Math.log(Math.cosh(p - y))),
  mean_squared_logarithmic_error: (row) =>
    meanOf(row, (y, p) => (Math.log(Math.max(y, 1e-7) + 1) - Math.log(Math.max(p, 1e-7) + 1)) ** 2),
  mean_absolute_error: (row) => meanOf(row, (y, p) => Math.abs(y - p)),
  huber: (row) =>
    meanOf(row, (y, p) => {
      const size = Math.abs(y - p)
      return size <= 0.5 ? size ** 2 / 2 : 0.5 * size - 0.125
    }),
  poisson: (row) => meanOf(row, (y, p) => p - y * Math.log(p + 1e-7)),
  binary_crossentropy: (row) => meanOf(row, (y, p) => -y * Math.log(p) - (1 - y) * Math.log(1 - p)),
  categorical_crossentropy: ({ y, p }) => -sum(y.map((share, k) => share * Math.log(p[k] ?? NaN))),
  squared_hinge: (row) => meanOf(row, (y, p) => Math.max(0, 1 - (2 * y - 1) * p) ** 2),
  hinge: (row) => meanOf(row, (y, p) => Math.max(0, 1 - (2 * y - 1) * p)),
}

// -- metrics of rows -----------------------------------------------------------------------------------------------

type Cell = { readonly y: number; readonly p: number; readonly w: number }

function cellsOf(rows: readonly Row[]): Cell[] {
  return rows.flatMap(({ y, p, w }) => y.map((one, k) => ({ y: one, p: p[k] ?? NaN, w })))
}
const weigh = (cells: readonly Cell[]): number => sum(cells.map(({ w }) => w))
const hits = (cells: readonly Cell[], threshold: number): Cell[] =>
  cells.filter(({ y, p }) => y === 1 && p > threshold)

/** Keras's curve of 200 thresholds. */
function auc(rows: readonly Row[]): number {
  const cells = cellsOf(rows)
  const [yes, no] = [cells.filter(({ y }) => y === 1), cells.filter(({ y }) => y === 0)]
  const points = Array.from({ length: 200 }, (_, i) => {
    const threshold = i === 0 ? -1 : i === 199 ? 2 : i / 199
    const rate = (of: readonly Cell[]): number => weigh(of.filter(({ p }) => p > threshold)) / weigh(of)
    return { x: rate(no), y: rate(yes) }
  })
  return sum(
    points.slice(1).map((b, i) => {
      const a = points[i] ?? b
      return ((a.x - b.x) * (a.y + b.y)) / 2
    }),
  )
}

/** The mean F1 of the units; `isCalled` says which a row calls. */
function f1(rows: readonly Row[], isCalled: (row: Row, unit: number) => boolean): number {
  const units = Array.from({ length: rows[0]?.y.length ?? 0 }, (_, k) => k)
  return mean(
    units.map((k) => {
      const of = (keeps: (row: Row) => boolean): number => sum(rows.filter(keeps).map(({ w }) => w))
      const [both, called, is] = [
        of((row) => row.y[k] === 1 && isCalled(row, k)),
        of((row) => isCalled(row, k)),
        of((row) => row.y[k] === 1),
      ]
      const [precision, recall] = [both / (called + 1e-7), both / (is + 1e-7)]
      return (2 * precision * recall) / (precision + recall + 1e-7)
    }),
  )
}

const largest = (values: readonly number[]): number => values.indexOf(Math.max(...values))

/** R2 of each unit, averaged. */
function r2(rows: readonly Row[]): number {
  const total = sum(rows.map(({ w }) => w))
  const scores = (rows[0]?.y ?? []).map((_, k) => {
    const center = sum(rows.map(({ y, w }) => w * (y[k] ?? NaN))) / total
    const spread = sum(rows.map(({ y, w }) => w * ((y[k] ?? NaN) - center) ** 2))
    return 1 - sum(rows.map(({ y, p, w }) => w * ((y[k] ?? NaN) - (p[k] ?? NaN)) ** 2)) / spread
  })
  return mean(scores)
}

export const METRICS: Record<string, Of<number>> = {
  mean_absolute_error: weighted((y, p) => Math.abs(y - p)),
  mean_squared_error: weighted((y, p) => (y - p) ** 2),
  root_mean_squared_error: (rows) => Math.sqrt(weighted((y, p) => (y - p) ** 2)(rows)),
  mean_absolute_percentage_error: weighted((y, p) => (100 * Math.abs(y - p)) / Math.max(Math.abs(y), 1e-7)),
  r2_score: r2,
  accuracy: (rows) => {
    const isRight = ({ y, p }: Row): number =>
      y.length === 3
        ? Number(largest(y) === largest(p))
        : mean(y.map((one, k) => Number(one === Number((p[k] ?? NaN) > 0.5))))
    return sum(rows.map((row) => row.w * isRight(row))) / sum(rows.map(({ w }) => w))
  },
  auc,
  precision: (rows) =>
    weigh(hits(cellsOf(rows), 0.5)) / (weigh(cellsOf(rows).filter(({ p }) => p > 0.5)) || 1),
  recall: (rows) => weigh(hits(cellsOf(rows), 0.5)) / (weigh(cellsOf(rows).filter(({ y }) => y === 1)) || 1),
  f1_score: (rows) => f1(rows, ({ y, p }, k) => (y.length === 3 ? largest(p) === k : (p[k] ?? NaN) > 0.5)),
}

/** The figures that differ by more than 1e-6 and 1e-5 of the expected ones, in words. */
export function disagreements(actual: Figures, expected: Figures): string[] {
  return Object.entries(expected).flatMap(([name, value]) => {
    const found = actual[name] ?? NaN
    const isSame = Math.abs(found - value) <= 1e-6 + 1e-5 * Math.abs(value)
    return isSame ? [] : [`${name} is ${found} instead of ${value}`]
  })
}
