import { windowsOf } from '../data/rows/row-set.ts'
import type { RowSet, RowWindow } from '../data/rows/row-set.ts'
import type { Session } from '../engine/engine.ts'
import { epochOrder } from './order.ts'
import type { RowWeights } from './row-weights.ts'

/** The loss of a batch, trained with a learning rate, and its moving average. */
export type RatedLoss = { readonly rate: number; readonly loss: number; readonly smoothed: number }

export type RangeOptions = {
  readonly train: RowSet
  readonly batchSize: number
  readonly seed: number
  readonly rowWeights: RowWeights
  /** The first and the last learning rate, and the steps from one to the other. */
  readonly from: number
  readonly to: number
  readonly steps: number
}

/** The weight of the earlier losses in their moving average, and the steps by which it is behind them. */
const SMOOTHING = 0.9
const LAG = Math.round(SMOOTHING / (1 - SMOOTHING))
/** The test ends where the average is this many times its lowest value. */
const EXPLODED = 4
/** Steps on both sides over which a slope is measured, and those at the beginning whose average still jumps with each batch. */
const REACH = 4
const WARM_UP = LAG + REACH

/**
 * The learning-rate range test: one batch a step, each with a higher learning rate than the one before, until the loss
 * explodes. `session` has a learning rate of 1. Smith, "Cyclical Learning Rates for Training Neural Networks" (WACV 2017).
 */
export async function testRange(session: Session, options: RangeOptions): Promise<RatedLoss[]> {
  const { batchSize, rowWeights, from, to, steps } = options
  const found: RatedLoss[] = []
  let [average, lowest] = [0, Infinity]
  for await (const { window, step } of batchesOf(options)) {
    const rate = from * (to / from) ** (found.length / (steps - 1))
    const weights = rowWeights(window.encoded)
    const { sums, divergedAt } = await session.train({
      ...window,
      epoch: 0,
      batchSize,
      first: step,
      count: 1,
      factor: rate,
      ...(weights && { rowWeights: weights }),
    })
    const loss = sums.loss / sums.rows
    if (divergedAt !== undefined || !Number.isFinite(loss)) break
    average = SMOOTHING * average + (1 - SMOOTHING) * loss
    const smoothed = average / (1 - SMOOTHING ** (found.length + 1))
    found.push({ rate, loss, smoothed })
    lowest = Math.min(lowest, smoothed)
    if (found.length >= steps || smoothed > EXPLODED * lowest) break
  }
  return found
}

/** Every batch of one pass over the training rows after the other. */
async function* batchesOf({
  train,
  batchSize,
  seed,
}: RangeOptions): AsyncGenerator<{ window: RowWindow; step: number }> {
  for (let pass = 0; ; pass++) {
    const order = epochOrder(seed, pass, train.rows, true)
    for await (const window of windowsOf(train, order, { batchSize })) {
      const steps = Math.ceil(window.rows.length / batchSize)
      for (let step = 0; step < steps; step++) yield { window, step }
    }
  }
}

/**
 * The learning rate at which the loss falls most steeply, with two digits; undefined where it never falls. Its average shows
 * that `LAG` steps later, by when the rate is several times as high.
 */
export function suggestedRate(losses: readonly RatedLoss[]): number | undefined {
  const lowest = losses.reduce(
    (best, { smoothed }, i) => (smoothed < (losses[best]?.smoothed ?? NaN) ? i : best),
    0,
  )
  let best: { rate: number; slope: number } | undefined
  for (let i = WARM_UP; i + REACH <= lowest; i++) {
    const [before, at, after] = [losses[i - REACH], losses[i], losses[i + REACH]]
    if (!before || !at || !after) continue
    const slope = (after.smoothed - before.smoothed) / Math.log(after.rate / before.rate)
    if (slope < (best?.slope ?? 0)) best = { rate: losses[i - LAG]?.rate ?? NaN, slope }
  }
  return best && Number(best.rate.toPrecision(2))
}
