import type { OutputFit } from '../components/callbacks/probe.ts'
import { losses, probabilitiesOf } from '../components/losses/index.ts'
import type { EncodedTarget } from '../data/rows/encoded-rows.ts'
import { Builder } from '../ir/builder.ts'
import { interpret } from '../ir/interpreter/interpreter.ts'
import { sizeOf } from '../ir/ir.ts'
import type { Value } from '../ir/ir.ts'
import { storedShape, targetFor } from '../step/targets.ts'
import type { OutputTask } from '../step/task.ts'

/** Maximum numbers that are compared: the interpreter is slow. */
const MOST_NUMBERS = 2 ** 19
/** The smallest share whose logarithm is taken. */
const LEAST_SHARE = 1e-7

/**
 * The loss of predictions for some rows beside that of always predicting the mean target: the shares of the classes, or
 * the mean of numbers. Undefined where steps have classes, which may be masked, and where margins are predicted.
 */
export function comparedWithMean(
  output: OutputTask,
  targets: EncodedTarget['data'],
  predictions: Float32Array,
): OutputFit | undefined {
  const { name, kind, shape, loss } = output
  const component = losses.of(loss)
  const probabilities = probabilitiesOf(loss)
  const rows = predictions.length / sizeOf(shape)
  const isComparable = kind === 'numbers' || (shape.length === 1 && probabilities !== undefined)
  if (!isComparable || rows === 0 || predictions.length > MOST_NUMBERS) return undefined
  const b = new Builder()
  const stored = b.input('targets', [rows, ...storedShape(kind, shape)], kind === 'classes' ? 'i32' : 'f32')
  const prediction = b.input('predictions', [rows, ...shape])
  const target = targetFor(b, component.target, stored, prediction, output)
  const shares = component.target === 'index' ? targetFor(b, 'one_hot', stored, prediction, output) : target
  const mean = b.broadcast(unactivated(b, b.mean(shares, 0, true), probabilities), prediction.shape)
  const lossOf = (value: Value): Value => b.mean(component.call(b, { target, prediction: value }, loss))
  const found = interpret(
    b.program([
      ['loss', lossOf(prediction)],
      ['mean', lossOf(mean)],
    ]),
    new Map<string, ArrayLike<number>>([
      ['targets', targets],
      ['predictions', predictions],
    ]),
  )
  return { output: name, loss: found.get('loss')?.[0] ?? NaN, ofMean: found.get('mean')?.[0] ?? NaN }
}

/** Numbers of which an activation makes these shares. */
function unactivated(b: Builder, shares: Value, activation: ReturnType<typeof probabilitiesOf>): Value {
  if (activation !== 'sigmoid' && activation !== 'softmax') return shares
  const inside = b.clip(shares, LEAST_SHARE, 1 - LEAST_SHARE)
  return activation === 'softmax' ? b.log(inside) : b.sub(b.log(inside), b.log(b.sub(1, inside)))
}
