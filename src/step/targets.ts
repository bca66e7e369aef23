import type { TargetForm } from '../components/losses/loss.ts'
import type { Builder } from '../ir/builder.ts'
import type { Shape, Value } from '../ir/ir.ts'

/** The form of an output's targets in memory: class indices i32 [batch, ...], or numbers f32 [batch, ...]. */
export type TargetKind = 'classes' | 'numbers'

/** The shape of the stored targets of an output of `prediction` shape (without the batch axis). */
export function storedShape(kind: TargetKind, prediction: Shape): Shape {
  return kind === 'classes' ? prediction.slice(0, -1) : prediction
}

/** Stored targets in the form that a loss or a metric compares with a prediction; for one unit, 1 is the positive class. */
export function targetFor(
  b: Builder,
  form: TargetForm,
  stored: Value,
  prediction: Value,
  { positive = 1 }: { readonly positive?: number | undefined } = {},
): Value {
  const classes = prediction.shape.at(-1) ?? 1
  if (stored.dtype === 'f32') return form === 'index' ? b.argmax(stored) : stored
  if (form === 'index') return stored
  if (classes > 1) return b.oneHot(stored, classes)
  const second = b.reshape(b.cast(stored, 'f32'), prediction.shape)
  return positive === 1 ? second : b.sub(1, second)
}
