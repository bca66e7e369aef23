// The loop over steps: the types of its parts, where they lie in its result, and its gradient.

import type { ExpressionBuilder } from '../expression-builder.ts'
import { sameShape, sizeOf } from '../ir.ts'
import type { Operation, Shape, TensorType, Value } from '../ir.ts'
import type { OpRecord, Slopes } from './op.ts'

/** The body's input that holds the number of the step. */
export const STEP = 'step'

/** The name of the body's nth state, captured value or yield. */
export function nameOf(kind: 'state' | 'captured' | 'yield', n: number): string {
  return `${kind}${n}`
}

/** A part of a scan's result: `offset` in elements. */
export type Region = { readonly offset: number; readonly shape: Shape }

/** Regions begin at multiples of this: vectors that reach beyond the end of one do not touch the next. */
const ALIGNMENT = 16

/** The shape of the yields of all steps along an axis. */
export function stackShape(shape: Shape, steps: number, axis: number): Shape {
  return shape.toSpliced(axis, 0, steps)
}

/** The regions of the last states and of the stacked yields in a scan's result, and its length. */
export function regionsOf({ body, initial, axes, steps }: Operation<'scan'>): {
  readonly finals: readonly Region[]
  readonly stacks: readonly Region[]
  readonly length: number
} {
  let length = 0
  const region = (shape: Shape): Region => {
    const offset = length
    length += Math.ceil(sizeOf(shape) / ALIGNMENT) * ALIGNMENT
    return { offset, shape }
  }
  const finals = initial.map(({ shape }) => region(shape))
  const stacks = axes.map((axis, n) => {
    const { shape } = partOf(body.outputs, nameOf('yield', n))
    return region(stackShape(shape, steps, axis))
  })
  return { finals, stacks, length }
}

/** A region of a scan's result, or of its gradient. */
export function regionIn(b: ExpressionBuilder, flat: Value, { offset, shape }: Region): Value {
  return b.reshape(b.slice(flat, [offset], [sizeOf(shape)]), shape)
}

export const scan = {
  kind: 'loop',
  operands: ({ initial, captured }) => [...initial, ...captured],
  withOperands: (operation, change) => ({
    ...operation,
    initial: operation.initial.map(change),
    captured: operation.captured.map(change),
  }),
  type(operation) {
    const { body, initial, captured } = operation
    requireType(body.inputs, STEP, { shape: [], dtype: 'i32' })
    for (const [n, type] of captured.entries()) requireType(body.inputs, nameOf('captured', n), type)
    for (const [n, type] of initial.entries()) {
      requireType(body.inputs, nameOf('state', n), type)
      requireType(body.outputs, nameOf('state', n), type)
    }
    return { shape: [regionsOf(operation).length], dtype: 'f32' }
  },
  gradient,
  print: ({ op, steps, reverse, initial, axes }) => [
    op,
    `steps: ${steps}`,
    ...(reverse ? ['reverse'] : []),
    `states: ${initial.length}`,
    `axes: [${axes.join(', ')}]`,
  ],
} as const satisfies OpRecord<'scan'>

function gradient(b: ExpressionBuilder, y: Value<'scan'>, dy: Value): Slopes {
  const { backward, initial, captured } = y
  if (backward === undefined) throw new Error('the gradient of a scan has no gradient')
  const { finals, stacks } = regionsOf(y)
  let known: Value<'scan'> | undefined
  /** The scan in the other direction, which yields all gradients: what nobody asks for is dead code. */
  const back = (): Value<'scan'> => {
    const zeros = (n: number): Value => b.broadcast(b.constant(0), captured[n]?.shape ?? [])
    known ??= appendScan(b, {
      op: 'scan',
      body: backward.body,
      steps: y.steps,
      reverse: !y.reverse,
      initial: [...finals.map((region) => regionIn(b, dy, region)), ...backward.summed.map(zeros)],
      captured: [
        ...captured,
        ...stacks.map((region) => regionIn(b, y, region)),
        ...stacks.map((region) => regionIn(b, dy, region)),
      ],
      axes: backward.taken.map(({ axis }) => axis),
    })
    return known
  }
  const result = (kind: 'finals' | 'stacks', n: number) => (): Value => {
    const region = regionsOf(back())[kind][n]
    if (region === undefined) throw new Error('the scan has no such result')
    return regionIn(b, back(), region)
  }
  const operand = (n: number): Value => {
    const found = captured[n]
    if (found === undefined) throw new Error(`the scan captures no value ${n}`)
    return found
  }
  return [
    ...initial.map((value, n) => [value, result('finals', n)] as const),
    ...backward.summed.map((from, n) => [operand(from), result('finals', initial.length + n)] as const),
    ...backward.taken.map(({ captured: from }, n) => [operand(from), result('stacks', n)] as const),
  ]
}

export function appendScan(b: ExpressionBuilder, operation: Operation<'scan'>): Value<'scan'> {
  const value = b.append(operation)
  if (value.op !== 'scan') throw new Error('a scan became something else')
  return value
}

function partOf<T>(parts: ReadonlyMap<string, T>, name: string): T {
  const part = parts.get(name)
  if (part === undefined) throw new Error(`the body of a scan has no ${name}`)
  return part
}

function requireType(parts: ReadonlyMap<string, TensorType>, name: string, type: TensorType): void {
  const part = partOf(parts, name)
  if (part.dtype !== type.dtype || !sameShape(part.shape, type.shape))
    throw new Error(`the body's ${name} has another type than what it stands for`)
}
