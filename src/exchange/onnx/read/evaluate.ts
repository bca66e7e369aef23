// Operators over known tensors: shapes that a graph computes, weights that it turns round, and samples of a function.
import { dot, positions, stridesOf } from '../../../ir/interpreter/elements.ts'
import { REDUCE } from '../../../ir/interpreter/scalar-functions.ts'
import { broadcastShapes, sizeOf } from '../../../ir/ir.ts'
import type { Shape } from '../../../ir/ir.ts'
import type { OnnxNode } from './graph.ts'
import { POINTWISE } from './pointwise.ts'
import type { PointwiseFunction } from './pointwise.ts'
import { Refusal } from './refusal.ts'
import { isWholeType, listOf } from './tensor.ts'
import type { KnownTensor } from './tensor.ts'

/** An operator has its inputs in order, undefined where one is left out. */
type Inputs = readonly (KnownTensor | undefined)[]

/** Elements of a tensor that is computed: a few bytes must not take all memory. */
const MOST_ELEMENTS = 2 ** 24

/** The results of an operator; undefined for one that is not here. */
export function evaluate(node: OnnxNode, inputs: Inputs): readonly KnownTensor[] | undefined {
  const pointwise = POINTWISE.get(node.op)
  const results = pointwise ? [applied(pointwise(node), inputs)] : OPERATORS.get(node.op)?.(node, inputs)
  const isWhole = yieldsWhole(node, (at) => inputs[at]?.isWhole === true)
  return results?.map((one) => ({
    isWhole,
    ...one,
    ...(isWhole && DIVIDING.has(node.op) && { data: one.data.map(Math.trunc) }),
  }))
}

/** Operators whose results for whole numbers lose their fractions. */
const DIVIDING: ReadonlySet<string> = new Set(['Div', 'Pow', 'ReduceMean'])

/** True where the results of an operator are of a type of whole numbers: that of what it takes, but for a few. */
export function yieldsWhole(node: OnnxNode, isWhole: (at: number) => boolean): boolean {
  if (node.op === 'Shape' || node.op === 'Size') return true
  if (node.op === 'Cast') return isWholeType(node.integer('to', 1))
  return isWhole(node.op === 'Where' ? 1 : 0)
}

/** True where results have the elements of the operands, at other places or added up. */
export function isEvaluated({ op }: OnnxNode): boolean {
  return POINTWISE.has(op) || OPERATORS.has(op)
}

type Operator = (node: OnnxNode, inputs: Inputs) => readonly KnownTensor[]

const OPERATORS: ReadonlyMap<string, Operator> = new Map<string, Operator>(
  Object.entries<Operator>({
    Constant: (node) => [node.constant() ?? refuse('a constant that is not a number')],
    Shape(node, [x]) {
      const { shape } = given(x)
      const cut = shape.slice(node.integer('start', 0), node.integer('end', shape.length))
      return [{ shape: [cut.length], data: Float64Array.from(cut) }]
    },
    Size: (_node, [x]) => [{ shape: [], data: Float64Array.of(sizeOf(given(x).shape)) }],
    ConstantOfShape(node, [wanted]) {
      const shape = listOf(given(wanted))
      const { data = [], isWhole = false } = node.constant() ?? {}
      return [{ shape, data: numbers(shape).fill(data[0] ?? 0), isWhole }]
    },
    Range(_node, [start, limit, delta]) {
      const [from, to, step] = [start, limit, delta].map((x) => given(x).data[0] ?? NaN)
      const count = Math.max(0, Math.ceil(((to ?? NaN) - (from ?? NaN)) / (step ?? NaN)))
      return [{ shape: [count], data: numbers([count]).map((_, i) => (from ?? NaN) + i * (step ?? NaN)) }]
    },
    Reshape: (node, [x, wanted]) => [
      { shape: reshaped(given(x).shape, listOf(given(wanted)), node), data: given(x).data },
    ],
    Flatten(node, [x]) {
      return [{ shape: flattened(given(x).shape, node), data: given(x).data }]
    },
    Squeeze: (node, inputs) => [
      { shape: squeezed(node, inputs, given(inputs[0]).shape), data: given(inputs[0]).data },
    ],
    Unsqueeze: (node, inputs) => [
      { shape: unsqueezed(node, inputs, given(inputs[0]).shape), data: given(inputs[0]).data },
    ],
    Transpose(node, [x]) {
      const { shape } = given(x)
      const order = permutationOf(node, shape.length)
      const strides = stridesOf(shape)
      return [
        picked(
          given(x),
          order.map((axis) => shape[axis] ?? 0),
          order.map((axis) => strides[axis] ?? 0),
        ),
      ]
    },
    Expand(_node, [x, wanted]) {
      const shape = broadcastShapes(given(x).shape, listOf(given(wanted)))
      return [spread(given(x), shape ?? refuse('shapes that do not fit'))]
    },
    Concat(node, inputs) {
      const parts = inputs.map(given)
      const axis = axisOf(node.integer('axis', 0), parts[0]?.shape.length ?? 0)
      return [joined(parts, axis)]
    },
    Slice(node, inputs) {
      const x = given(inputs[0])
      const cuts = slicesOf(node, inputs, x.shape)
      const strides = stridesOf(x.shape)
      const shape = cuts.map(({ count }) => count)
      const begin = dot(
        cuts.map(({ start }) => start),
        strides,
      )
      return [
        picked(
          x,
          shape,
          cuts.map(({ step }, axis) => step * (strides[axis] ?? 0)),
          begin,
        ),
      ]
    },
    Gather(node, [x, indices]) {
      const { shape, data } = given(x)
      const axis = axisOf(node.integer('axis', 0), shape.length)
      const [before, length, after] = [shape.slice(0, axis), shape[axis] ?? 0, sizeOf(shape.slice(axis + 1))]
      const result = numbers([...before, ...given(indices).shape, after])
      const rows = listOf(given(indices)).map((index) => (index < 0 ? index + length : index))
      if (rows.some((row) => row < 0 || row >= length)) refuse('an index outside of its axis')
      let next = 0
      for (let outer = 0; outer < sizeOf(before); outer++)
        for (const row of rows)
          for (let i = 0; i < after; i++) result[next++] = data[(outer * length + row) * after + i] ?? NaN
      return [{ shape: [...before, ...given(indices).shape, ...shape.slice(axis + 1)], data: result }]
    },
    ReduceMax: reduction((xs) => xs.reduce(REDUCE.max.step, REDUCE.max.start)),
    ReduceMin: reduction((xs) => xs.reduce(REDUCE.min.step, REDUCE.min.start)),
    ReduceSum: reduction((xs) => xs.reduce(REDUCE.sum.step, REDUCE.sum.start)),
    ReduceProd: reduction((xs) => xs.reduce(REDUCE.prod.step, REDUCE.prod.start)),
    ReduceMean: reduction((xs) => xs.reduce(REDUCE.sum.step, REDUCE.sum.start) / xs.length),
  }),
)

/** A reason why an operator has no result here. */
function refuse(reason: string): never {
  throw new Refusal(reason)
}

function given(x: KnownTensor | undefined): KnownTensor {
  return x ?? refuse('an input that is not there')
}

function numbers(shape: Shape): Float64Array {
  const count = sizeOf(shape)
  if (!(count >= 0 && count <= MOST_ELEMENTS)) refuse(`a constant of the shape [${shape.join(', ')}]`)
  return new Float64Array(count)
}

/** The elements at start + i * strides[0] + j * strides[1] + ... */
function picked(x: KnownTensor, shape: Shape, strides: Shape, start = 0): KnownTensor {
  const count = sizeOf(shape)
  const data =
    x.data instanceof Float32Array && count <= x.data.length ? new Float32Array(count) : numbers(shape)
  positions(shape, strides, start).forEach((at, i) => void (data[i] = x.data[at] ?? NaN))
  return { shape, data }
}

function spread(x: KnownTensor, shape: Shape): KnownTensor {
  if (x.data.length === 1) return { shape, data: numbers(shape).fill(x.data[0] ?? NaN) }
  const missing = shape.length - x.shape.length
  const strides = stridesOf(x.shape)
  return picked(
    x,
    shape,
    shape.map((_, axis) => (x.shape[axis - missing] === 1 ? 0 : (strides[axis - missing] ?? 0))),
  )
}

function applied(f: PointwiseFunction, inputs: Inputs): KnownTensor {
  const shape = inputs.reduce<Shape>(
    (whole, x) => (x ? (broadcastShapes(whole, x.shape) ?? refuse('shapes that do not fit')) : whole),
    [],
  )
  const operands = inputs.map((x) => x && spread(x, shape).data)
  const [a, b] = operands
  const data = numbers(shape)
  // Most operators have one operand or two, and lists of arguments are slow.
  const at =
    operands.length === 1
      ? (i: number) => f(a?.[i])
      : operands.length === 2
        ? (i: number) => f(a?.[i], b?.[i])
        : (i: number) => f(...operands.map((one) => one?.[i]))
  for (let i = 0; i < data.length; i++) data[i] = at(i)
  return { shape, data }
}

function joined(parts: readonly KnownTensor[], axis: number): KnownTensor {
  const [first] = parts
  if (first === undefined) return refuse('nothing to join')
  const length = parts.reduce((sum, { shape }) => sum + (shape[axis] ?? 0), 0)
  const data = numbers(first.shape.with(axis, length))
  let next = 0
  for (let outer = 0; outer < sizeOf(first.shape.slice(0, axis)); outer++)
    for (const part of parts) {
      const block = sizeOf(part.shape.slice(axis))
      for (let i = 0; i < block; i++) data[next++] = part.data[outer * block + i] ?? NaN
    }
  return { shape: first.shape.with(axis, length), data }
}

function reduction(f: (xs: readonly number[]) => number) {
  return (node: OnnxNode, inputs: Inputs): readonly KnownTensor[] => {
    const x = given(inputs[0])
    const axes = reducedAxes(node, inputs, x.shape.length)
    const strides = stridesOf(x.shape)
    const kept = x.shape.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]))
    const lengths = (list: readonly number[]): number[] => list.map((axis) => x.shape[axis] ?? 0)
    const steps = (list: readonly number[]): number[] => list.map((axis) => strides[axis] ?? 0)
    const group = positions(lengths(axes), steps(axes))
    const shape = keepsAxes(node)
      ? x.shape.map((length, axis) => (axes.includes(axis) ? 1 : length))
      : lengths(kept)
    const starts = positions(lengths(kept), steps(kept))
    const data = numbers(shape)
    starts.forEach((start, i) => void (data[i] = f(Array.from(group, (at) => x.data[start + at] ?? NaN))))
    return [{ shape, data }]
  }
}

/** An axis counted from the first one. */
export function axisOf(axis: number, rank: number): number {
  const at = axis < 0 ? axis + rank : axis
  return Number.isInteger(at) && at >= 0 && at < rank ? at : refuse(`the axis ${axis} of ${rank}`)
}

/** The axes that a node names, in an attribute or, in later versions, as its second input. */
function axesOf(node: OnnxNode, inputs: Inputs, rank: number): number[] | undefined {
  const axes = node.integers('axes') ?? (inputs[1] && listOf(inputs[1]))
  return axes?.map((axis) => axisOf(axis, rank))
}

/** The axes that a reduction takes away: where it names none, all of them, unless it says otherwise. */
export function reducedAxes(node: OnnxNode, inputs: Inputs, rank: number): number[] {
  const all = Array.from({ length: rank }, (_, axis) => axis)
  const axes = axesOf(node, inputs, rank) ?? []
  const isNone = node.integer('noop_with_empty_axes', 0) !== 0
  return axes.length === 0 && !isNone ? all : all.filter((axis) => axes.includes(axis))
}

export function keepsAxes(node: OnnxNode): boolean {
  return node.integer('keepdims', 1) !== 0
}

export function permutationOf(node: OnnxNode, rank: number): number[] {
  const order = node.integers('perm') ?? Array.from({ length: rank }, (_, axis) => rank - 1 - axis)
  const isOrder = order.length === rank && order.every((axis) => axis < rank) && new Set(order).size === rank
  return isOrder ? order : refuse(`an order of axes [${order.join(', ')}]`)
}

export function flattened(shape: Shape, node: OnnxNode): Shape {
  const axis = node.integer('axis', 1)
  const at = axis < 0 ? axis + shape.length : axis
  return [sizeOf(shape.slice(0, at)), sizeOf(shape.slice(at))]
}

/** The shape that a reshape asks for: 0 is the length that the axis has, -1 what is left. */
export function reshaped(shape: Shape, wanted: readonly number[], node: OnnxNode): Shape {
  const copies = node.integer('allowzero', 0) === 0
  const lengths = wanted.map((length, axis) => (length === 0 && copies ? (shape[axis] ?? 0) : length))
  const known = sizeOf(lengths.filter((length) => length !== -1))
  const result = lengths.map((length) => (length === -1 ? sizeOf(shape) / known : length))
  const fits =
    sizeOf(result) === sizeOf(shape) && result.every((length) => Number.isInteger(length) && length >= 0)
  return fits ? result : refuse(`[${shape.join(', ')}] as [${wanted.join(', ')}]`)
}

export function squeezed(node: OnnxNode, inputs: Inputs, shape: Shape): Shape {
  const axes = axesOf(node, inputs, shape.length)
  return shape.filter((length, axis) => (axes ? !axes.includes(axis) : length !== 1))
}

export function unsqueezed(node: OnnxNode, inputs: Inputs, shape: Shape): Shape {
  const axes = node.integers('axes') ?? listOf(given(inputs[1]))
  const at = new Set(axes.map((axis) => axisOf(axis, shape.length + axes.length)))
  const rest = [...shape]
  return Array.from({ length: shape.length + axes.length }, (_, axis) =>
    at.has(axis) ? 1 : (rest.shift() ?? 1),
  )
}

/** A part of an axis: `count` elements from `start` on, `step` apart. */
export type Cut = { readonly start: number; readonly step: number; readonly count: number }

/** The part of each axis that a slice keeps: starts, ends, axes and steps are inputs, or attributes in early versions. */
export function slicesOf(node: OnnxNode, inputs: Inputs, shape: Shape): Cut[] {
  const list = (name: string, at: number): number[] | undefined =>
    node.integers(name) ?? (inputs[at] && listOf(inputs[at]))
  const [starts = [], ends = []] = [list('starts', 1), list('ends', 2)]
  const axes = (list('axes', 3) ?? starts.map((_, i) => i)).map((axis) => axisOf(axis, shape.length))
  const steps = list('steps', 4) ?? []
  return shape.map((length, axis) => {
    const at = axes.lastIndexOf(axis)
    if (at < 0) return { start: 0, step: 1, count: length }
    const step = steps[at] ?? 1
    const inside = (index: number | undefined, least: number, most: number): number =>
      Math.min(Math.max((index ?? 0) < 0 ? (index ?? 0) + length : (index ?? 0), least), most)
    const [least, most] = step > 0 ? [0, length] : [-1, length - 1]
    const [start, end] = [inside(starts[at], 0, most), inside(ends[at], least, most)]
    return { start, step, count: Math.max(0, Math.ceil((end - start) / step)) }
  })
}
