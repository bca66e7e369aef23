import type { Builder } from '../../ir/builder.ts'
import type { Shape, Value } from '../../ir/ir.ts'
import { defineMergeLayer } from './layer.ts'
import { ShapeError } from '../shape-error.ts'
import { broadcastLength } from '../unknown-size.ts'
import type { ForwardContext } from './layer.ts'

/** A layer that combines inputs element by element, with the broadcasting of numpy; `readsMasks` if by their masks. */
export function defineElementwiseMerge(
  type: string,
  summary: string,
  kerasClass: string,
  combine: (context: Pick<ForwardContext, 'b' | 'masks'>, xs: readonly Value[]) => Value,
  { readsMasks = false } = {},
) {
  return defineMergeLayer({
    type,
    summary,
    masking: 'use',
    options: () => ({}),
    outputShape: (_config, inputs) => mergedShape(type, inputs),
    forward(context, _config, inputs) {
      context.setMask(eitherMask(context))
      return combine(context, inputs)
    },
    topology(keras, _config, inputs) {
      if (readsMasks && inputs.some(({ masked }) => masked === true))
        keras.unsupported(`${type} of masked steps`)
      const shapes = inputs.map(({ shape }) => shape)
      return {
        ...keras.layer(kerasClass, {}, inputs, mergedShape(type, shapes)),
        masked: inputs.every(({ masked }) => masked === true),
      }
    },
  })
}

/** The mask of inputs combined element by element: where all are masked, the steps that any of them keeps. */
export function eitherMask({ b, masks }: Pick<ForwardContext, 'b' | 'masks'>): Value | undefined {
  const known = masks.flatMap((mask) => mask ?? [])
  if (known.length < masks.length) return undefined
  return known.reduce((either, mask) => b.max(either, mask))
}

/** x [batch, steps, ...] with `other` at the steps that its mask [batch, steps] skips. */
export function keptOr(b: Builder, x: Value, mask: Value | undefined, other: Value | number): Value {
  if (mask === undefined) return x
  return b.select(b.reshape(mask, [...mask.shape, ...x.shape.slice(2).map(() => 1)]), x, other)
}

/**
 * The largest or smallest of the inputs by `pick`: where one of two is masked, the other. Keras symbol:
 * Merge._apply_merge_op_and_or_mask.
 */
export function extreme(
  { b, masks }: Pick<ForwardContext, 'b' | 'masks'>,
  xs: readonly Value[],
  pick: (a: Value, b: Value) => Value,
): Value {
  let kept = masks[0]
  return xs.reduce((picked, x, i) => {
    const mask = masks[i]
    const right = keptOr(b, x, mask, picked)
    const left = keptOr(b, picked, kept, right)
    kept = kept && mask && b.max(kept, mask)
    return pick(left, right)
  })
}

/** The shape of inputs combined element by element. */
export function mergedShape(type: string, inputs: readonly Shape[]): Shape {
  return inputs.reduce((whole, shape) => {
    const merged = whole.map((length, i) => broadcastLength(length, shape[i]))
    if (whole.length === shape.length && !merged.includes(undefined)) return merged.map(Number)
    throw new ShapeError(
      `${type} takes inputs of one shape, got ${inputs.map((s) => `[${s.join(', ')}]`).join(' and ')}`,
      {
        option: 'from',
        hint: 'reshape them, or use concatenate',
      },
    )
  })
}
