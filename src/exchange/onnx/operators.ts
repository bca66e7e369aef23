// Each op of the IR as operators of ONNX.
import type { BinaryFunction, Op, Program, ReduceFunction, Shape, UnaryFunction, Value } from '../../ir/ir.ts'
import { nameOf as partName, regionsOf, STEP } from '../../ir/ops/scan.ts'
import type { Length } from '../batch.ts'
import { trainingOnly } from '../training-only.ts'
import { ElementType } from './graph.ts'
import type { GraphWriter } from './graph.ts'

/** Tools for writing a value. */
export type Writing = {
  readonly graph: GraphWriter
  /** The name of the tensor that an input is. */
  inputOf(name: string): string
  /** The name of an operand. */
  nameOf(value: Value): string
  /** The name of a condition as a truth value. */
  truthOf(value: Value): string
  /** The lengths of a value's axes, of which some grow with the batch. */
  lengthsOf(value: Value): readonly Length[]
  /** The name of the part of a scan's result that begins at an offset. */
  partOf(value: Value<'scan'>, offset: number): string
  /** The number of rows, an int64 tensor [1]. */
  rows(): string
  /** Writes the body of a scan into a graph inside this one; returns the names of its outputs. */
  writeBody(
    body: Program,
    inner: GraphWriter,
    given: ReadonlyMap<string, string>,
  ): ReadonlyMap<string, string>
}

/** The name of what an operator makes. */
export type WrittenValue = {
  readonly name: string
  /** A comparison as ONNX has it, a truth value. */
  readonly truth?: string
  /** The parts of a scan's result, by their offsets. */
  readonly parts?: ReadonlyMap<number, string>
}

/** Operators of one input, in the order in which they are applied; `x` is the input of all. */
const UNARY: Readonly<Record<UnaryFunction, (graph: GraphWriter, x: string) => string>> = {
  abs: apply('Abs'),
  ceil: apply('Ceil'),
  cos: apply('Cos'),
  erf: apply('Erf'),
  exp: apply('Exp'),
  expm1: (graph, x) => graph.node('Sub', [graph.node('Exp', [x]), one(graph)]),
  floor: apply('Floor'),
  log: apply('Log'),
  log1p: (graph, x) => graph.node('Log', [graph.node('Add', [x, one(graph)])]),
  neg: apply('Neg'),
  relu: apply('Relu'),
  rsqrt: (graph, x) => graph.node('Reciprocal', [graph.node('Sqrt', [x])]),
  sigmoid: apply('Sigmoid'),
  sign: apply('Sign'),
  sin: apply('Sin'),
  softplus: apply('Softplus'),
  sqrt: apply('Sqrt'),
  square: (graph, x) => graph.node('Mul', [x, x]),
  tanh: apply('Tanh'),
}

const BINARY: Readonly<Record<BinaryFunction, string>> = {
  add: 'Add',
  sub: 'Sub',
  mul: 'Mul',
  div: 'Div',
  max: 'Max',
  min: 'Min',
  pow: 'Pow',
  equal: 'Equal',
  less: 'Less',
  less_equal: 'LessOrEqual',
}
const COMPARISONS: ReadonlySet<BinaryFunction> = new Set(['equal', 'less', 'less_equal'])

const REDUCE: Readonly<Record<ReduceFunction, string>> = {
  sum: 'ReduceSum',
  max: 'ReduceMax',
  min: 'ReduceMin',
  prod: 'ReduceProd',
}

type Write<K extends Op> = (value: Value<K>, writing: Writing) => string | WrittenValue

export const OPERATORS: { readonly [K in Op]: Write<K> } = {
  input: ({ name }, { inputOf }) => inputOf(name),
  constant: ({ data, shape }, { graph }) => graph.constant(shape, data),
  unary: ({ function: name, x }, { graph, nameOf }) => UNARY[name](graph, nameOf(x)),
  binary({ function: name, a, b }, { graph, nameOf }) {
    const result = graph.node(BINARY[name], [nameOf(a), nameOf(b)])
    if (!COMPARISONS.has(name)) return result
    return { name: graph.node('Cast', [result], { to: ElementType.float }), truth: result }
  },
  select: ({ condition, a, b }, { graph, nameOf, truthOf }) =>
    graph.node('Where', [truthOf(condition), nameOf(a), nameOf(b)]),
  reduce: ({ function: name, x, axes }, { graph, nameOf }) => graph.reduced(REDUCE[name], nameOf(x), axes),
  argmax({ x, axis }, { graph, nameOf }) {
    const index = graph.node('ArgMax', [nameOf(x)], { axis, keepdims: 0 })
    return graph.node('Cast', [index], { to: ElementType.int32 })
  },
  matmul({ a, b, transposeA, transposeB }, { graph, nameOf }) {
    const operand = (x: Value, transposed: boolean): string =>
      transposed ? transpose(graph, nameOf(x), swapLast(x.shape.length)) : nameOf(x)
    return graph.node('MatMul', [operand(a, transposeA), operand(b, transposeB)])
  },
  convolution({ x, kernel, strides, dilation, padding, groups }, { graph, nameOf }) {
    const rank = x.shape.length
    const filters = transpose(graph, nameOf(kernel), [rank - 1, rank - 2, ...upTo(rank - 2)])
    return channelsFirst(graph, nameOf(x), rank, (image) =>
      graph.node('Conv', [image, filters], {
        strides,
        dilations: dilation,
        pads: bothEnds(padding),
        group: groups,
      }),
    )
  },
  convolution_input_gradient(value, { graph, nameOf }) {
    const { dy, kernel, strides, dilation, padding, groups, shape } = value
    const rank = shape.length
    const filters = transpose(graph, nameOf(kernel), [rank - 1, rank - 2, ...upTo(rank - 2)])
    const extra = strides.map((stride, i) => {
      const reach = ((kernel.shape[i] ?? 1) - 1) * (dilation[i] ?? 1) + 1
      const [before, after] = padding[i] ?? [0, 0]
      return (shape[i + 1] ?? 0) - (((dy.shape[i + 1] ?? 1) - 1) * stride + reach - before - after)
    })
    return channelsFirst(graph, nameOf(dy), rank, (image) =>
      graph.node('ConvTranspose', [image, filters], {
        strides,
        dilations: dilation,
        pads: bothEnds(padding),
        output_padding: extra,
        group: groups,
      }),
    )
  },
  pool({ function: name, x, size, strides, padding }, { graph, nameOf }) {
    const window = { kernel_shape: size, strides, pads: bothEnds(padding) }
    return channelsFirst(graph, nameOf(x), x.shape.length, (image) =>
      name === 'max'
        ? graph.node('MaxPool', [image], window)
        : graph.node('AveragePool', [image], { ...window, count_include_pad: 0 }),
    )
  },
  gather: ({ x, indices }, { graph, nameOf }) =>
    graph.node('Gather', [nameOf(x), nameOf(indices)], { axis: 0 }),
  slice({ x, starts, shape }, { graph, nameOf, partOf }) {
    if (x.op === 'scan') return partOf(x, starts[0] ?? 0)
    const cut = upTo(shape.length).filter((axis) => shape[axis] !== x.shape[axis])
    const begins = cut.map((axis) => starts[axis] ?? 0)
    const ends = cut.map((axis) => (starts[axis] ?? 0) + (shape[axis] ?? 0))
    return graph.node('Slice', [nameOf(x), ...[begins, ends, cut].map((list) => graph.integers(list))])
  },
  take: ({ x, index, axis }, { graph, nameOf }) => graph.node('Gather', [nameOf(x), nameOf(index)], { axis }),
  pad({ x, padding, value }, { graph, nameOf }) {
    const fill = graph.constant([], Float32Array.of(value))
    return graph.node('Pad', [nameOf(x), graph.integers(bothEnds(padding)), fill])
  },
  concat: ({ xs, axis }, { graph, nameOf }) => graph.node('Concat', xs.map(nameOf), { axis }),
  transpose: ({ x, permutation }, { graph, nameOf }) => transpose(graph, nameOf(x), permutation),
  reverse: ({ x, axis }, { graph, nameOf }) => graph.reversed(nameOf(x), axis),
  reshape(value, { graph, nameOf, lengthsOf }) {
    const lengths = lengthsOf(value).map((length) => ('rows' in length ? -1 : length.fixed))
    if (lengths.filter((length) => length === -1).length > 1) throw new Error('two axes grow with the batch')
    return graph.node('Reshape', [nameOf(value.x), graph.integers(lengths)])
  },
  broadcast(value, writing) {
    const { graph, nameOf, lengthsOf, rows } = writing
    const inner = lengthsOf(value.x)
    const missing = value.shape.length - inner.length
    const lengths = lengthsOf(value).map((length, axis) => {
      const own = inner[axis - missing]
      // What is as long already may be expanded by 1.
      if (!('rows' in length) || (own && 'rows' in own)) return 'rows' in length ? 1 : length.fixed
      return length.rows === 1 ? rows() : graph.node('Mul', [rows(), graph.integers([length.rows])])
    })
    return graph.node('Expand', [nameOf(value.x), shapeTensor(graph, lengths)])
  },
  cast({ x, dtype }, { graph, nameOf }) {
    return graph.node('Cast', [nameOf(x)], { to: dtype === 'f32' ? ElementType.float : ElementType.int32 })
  },
  iota(value, { graph, lengthsOf }) {
    const { axis, shape, dtype } = value
    const lengths = lengthsOf(value)
    const counted = lengths[axis]
    if (counted === undefined || 'rows' in counted) throw new Error('the rows of a batch are not counted')
    const count = Array.from({ length: counted.fixed }, (_, i) => i)
    const data = dtype === 'f32' ? Float32Array.from(count) : Int32Array.from(count)
    // Along the other axes it is broadcast by what uses it.
    return graph.constant(
      shape.map((length, at) => (at === axis ? length : 1)),
      data,
    )
  },
  scan,
  stop_gradient: ({ x }, { nameOf }) => nameOf(x),
  ...trainingOnly,
}

/** The body takes the states and the number of the step, and sees the values around it. */
function scan(value: Value<'scan'>, { graph, nameOf, writeBody }: Writing): WrittenValue {
  const { body, steps, reverse, initial, captured, axes } = value
  const inner = graph.inner()
  const states = initial.map(() => inner.parameter(ElementType.float))
  const given = new Map([
    [STEP, inner.parameter(ElementType.int32)],
    ...states.map((name, n) => [partName('state', n), name] as const),
    ...captured.map((x, n) => [partName('captured', n), nameOf(x)] as const),
  ])
  const made = writeBody(body, inner, given)
  const results = [
    ...initial.map((_, n) => partName('state', n)),
    ...axes.map((_, n) => partName('yield', n)),
  ]
  for (const result of results) inner.result(made.get(result) ?? '')
  const direction = reverse ? 1 : 0
  const count = graph.constant(
    [steps],
    Int32Array.from({ length: steps }, (_, i) => i),
  )
  const names = graph.nodes('Scan', results.length, [...initial.map(nameOf), count], {
    body: inner.bytes('body'),
    num_scan_inputs: 1,
    scan_input_directions: [direction],
    scan_output_axes: axes,
    scan_output_directions: axes.map(() => direction),
  })
  const { finals, stacks } = regionsOf(value)
  const parts = [...finals, ...stacks].map(({ offset }, n) => [offset, names[n] ?? ''] as const)
  return { name: '', parts: new Map(parts) }
}

function apply(type: string) {
  return (graph: GraphWriter, x: string): string => graph.node(type, [x])
}

function one(graph: GraphWriter): string {
  return graph.constant([], Float32Array.of(1))
}

function transpose(graph: GraphWriter, x: string, perm: Shape): string {
  return graph.node('Transpose', [x], { perm })
}

/** Applies an operator that takes channels before the spatial axes. */
function channelsFirst(graph: GraphWriter, x: string, rank: number, run: (image: string) => string): string {
  const image = transpose(graph, x, [0, rank - 1, ...upTo(rank - 1).slice(1)])
  return transpose(graph, run(image), [0, ...upTo(rank).slice(2), 1])
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, i) => i)
}

function swapLast(rank: number): number[] {
  return [...upTo(rank - 2), rank - 1, rank - 2]
}

/** All of the first numbers, then all of the second. */
function bothEnds(padding: readonly (readonly [number, number])[]): number[] {
  return [...padding.map(([before]) => before), ...padding.map(([, after]) => after)]
}

/** A shape of which some lengths are tensors [1]. */
function shapeTensor(graph: GraphWriter, lengths: readonly (number | string)[]): string {
  const parts = lengths.map((length) => (typeof length === 'string' ? length : graph.integers([length])))
  return lengths.every((length) => typeof length === 'number')
    ? graph.integers(lengths)
    : graph.node('Concat', parts, { axis: 0 })
}
