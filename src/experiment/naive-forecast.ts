import type { PreparedData } from '../data/prepare/prepare.ts'
import { targetSteps } from '../data/fit/window.ts'
import type { EncodedRows } from '../data/rows/encoded-rows.ts'
import type { Session } from '../engine/engine.ts'
import { sizeOf } from '../ir/ir.ts'
import { decode } from '../runtime/predictions.ts'
import type { InputState, NumbersState, WindowState } from '../runtime/preprocessing.ts'
import { widthOf, widthOfAll } from '../runtime/replay.ts'
import { undoScaling } from '../runtime/scaling.ts'
import { counted, quote, shortNumber } from '../wording.ts'

/** Fewer windows prove nothing. */
const FEWEST_WINDOWS = 10

/** A note on each target whose forecast is no better, in rows held out, than its last value or the one of a season before. */
export async function naiveForecastNotes(
  session: Session,
  { preprocessing, train, validation, test }: PreparedData,
  batchSize: number,
): Promise<string[]> {
  const { window, inputs, outputs } = preprocessing
  const [known, held] = [train.whole, (test ?? validation)?.whole]
  if (!window || !known || !held || held.rows < FEWEST_WINDOWS) return []
  const pasts = outputs.flatMap((output) =>
    output.kind === 'numbers' && sizeOf(output.shape) === output.columns.length * targetSteps(window)
      ? output.columns.flatMap((column, index) => pastOf(column, index, output, inputs) ?? [])
      : [],
  )
  if (pasts.length === 0) return []
  const predicted = await session.predict(held, batchSize)
  return pasts.flatMap((past) => {
    const { output, column } = past
    const values = decode(output, predicted.get(output.name) ?? new Float32Array())
    if (values.kind !== 'numbers') return []
    const own = errorOf(held, past, window, (row, element) => values.values[row * values.size + element])
    const naive = bestNaive(known, past, window)
    const error = errorOf(held, past, window, naive.at(held))
    if (own < error) return []
    const rows = test ? 'test' : 'validation'
    return `the forecast of ${quote(column)} is no better than ${naive.name}: its mean_absolute_error is ${shortNumber(own)} on the ${rows} rows, against ${shortNumber(error)}`
  })
}

/** A target column that is a feature, too. */
type Past = {
  readonly column: string
  readonly output: NumbersState
  /** The position of the column among those of the target. */
  readonly index: number
  readonly input: InputState
  /** The position of its number in a step of the input. */
  readonly offset: number
  readonly feature: Extract<InputState['features'][number], { kind: 'number' }>
}

function pastOf(
  column: string,
  index: number,
  output: NumbersState,
  inputs: readonly InputState[],
): Past | undefined {
  for (const input of inputs) {
    let offset = 0
    for (const feature of input.features) {
      if (feature.kind === 'number' && feature.column === column)
        return { column, output, index, input, offset, feature }
      offset += widthOf(feature)
    }
  }
  return undefined
}

/** A prediction of the element of a row's target. */
type Guess = (row: number, element: number) => number | undefined

type Naive = { readonly name: string; readonly at: (rows: EncodedRows) => Guess }

/** The best on training rows of the last value, and of those a fixed number of rows before, where the window holds them. */
function bestNaive(known: EncodedRows, past: Past, window: WindowState): Naive {
  const { steps, horizon, sampling_rate: rate = 1, target_steps: ahead = 1 } = window
  const width = past.output.columns.length
  const naive = (name: string, stepFor: (target: number) => number): Naive => ({
    name,
    at: (rows) => {
      const value = pastValues(rows, past, steps)
      return (row, element) => value(row, stepFor(Math.floor(element / width)))
    },
  })
  const lags = Array.from({ length: (steps - 1) * rate + 1 }, (_, i) => i + horizon).filter(
    (lag) =>
      lag > horizon &&
      lag >= horizon + ahead - 1 &&
      (lag - horizon) % rate === 0 &&
      (rate === 1 || ahead === 1),
  )
  const errorIn = ({ at }: Naive): number => errorOf(known, past, window, at(known))
  const last = naive('repeating the last value', () => steps - 1)
  let [best, least] = [last, errorIn(last)]
  for (const lag of lags) {
    const season = naive(
      `repeating the value of ${counted(lag, 'row')} before`,
      (target) => steps - 1 - (lag - horizon - target) / rate,
    )
    const error = errorIn(season)
    if (error < least) [best, least] = [season, error]
  }
  return best
}

/** The value of the column at a step of a row's window, in its own unit. */
function pastValues(
  { inputs }: EncodedRows,
  { input, offset, feature }: Past,
  steps: number,
): (row: number, step: number) => number {
  const data = inputs.find(({ name }) => name === input.name)?.data ?? new Float32Array()
  const stride = widthOfAll(input.features)
  return (row, step) => undoScaling(feature.scaling, data[(row * steps + step) * stride + offset] ?? NaN)
}

/** The mean absolute error of predictions of one column, over all rows and steps of the target. */
function errorOf(
  rows: EncodedRows,
  { output, index }: Past,
  { target_steps: ahead = 1 }: WindowState,
  predict: Guess,
): number {
  const target = rows.targets.find(({ name }) => name === output.name)
  const width = output.columns.length
  let sum = 0
  for (let row = 0; row < rows.rows; row++) {
    for (let element = index; element < ahead * width; element += width) {
      const truth = undoScaling(output.scalings[element], target?.data[row * ahead * width + element] ?? NaN)
      sum += Math.abs((predict(row, element) ?? NaN) - truth)
    }
  }
  return sum / (rows.rows * ahead)
}
