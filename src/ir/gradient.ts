// Reverse-mode differentiation: appends the gradient of a program to the program.

import type { Builder } from './builder.ts'
import { operands } from './ir.ts'
import type { ConvolutionGeometry, Shape, Value } from './ir.ts'

/**
 * The gradients of a scalar to each of `wrt`. Where a function has no derivative the choice is TensorFlow's: relu and
 * abs have slope 0 at 0, of equal operands max and min follow the first, equal extremes of a reduction share.
 */
export function differentiate(b: Builder, scalar: Value, wrt: readonly Value[]): Value[] {
  const between = valuesBetween(wrt, scalar)
  const gradients = new Map<Value, Value>([[scalar, b.broadcast(b.constant(1), scalar.shape)]])
  for (const value of [...between].reverse()) {
    const dy = gradients.get(value)
    if (dy === undefined) continue
    for (const [operand, gradient] of slopes(b, value, dy)) {
      if (!between.has(operand)) continue
      const others = gradients.get(operand)
      gradients.set(operand, others === undefined ? gradient() : b.add(others, gradient()))
    }
  }
  return wrt.map((value) => gradients.get(value) ?? b.broadcast(b.constant(0), value.shape))
}

/** The values on a path from one of `sources` to the result, in the program's order. */
function valuesBetween(sources: readonly Value[], result: Value): Set<Value> {
  const ancestors = new Set<Value>([result])
  for (const value of ancestors) for (const operand of operands(value)) ancestors.add(operand)
  const between = new Set(sources)
  for (const value of [...ancestors].sort((a, b) => a.id - b.id)) {
    if (value.op === 'stop_gradient') continue
    if (operands(value).some((operand) => between.has(operand))) between.add(value)
  }
  return new Set([...between].sort((a, b) => a.id - b.id))
}

type Slopes = readonly (readonly [operand: Value, gradient: () => Value])[]

/** For each operand that a gradient flows to, how dy, the gradient of the value, reaches it. */
function slopes(b: Builder, value: Value, dy: Value): Slopes {
  switch (value.op) {
    case 'input':
    case 'constant':
    case 'iota':
    case 'random':
    case 'argmax':
    case 'stop_gradient':
      return []
    case 'unary':
      return unary(b, value, dy)
    case 'binary':
      return binary(b, value, dy).map(([x, gradient]) => [x, () => reduceTo(b, gradient(), x.shape)])
    case 'select': {
      const { condition } = value
      return [
        [value.a, () => reduceTo(b, b.select(condition, dy, 0), value.a.shape)],
        [value.b, () => reduceTo(b, b.select(condition, 0, dy), value.b.shape)],
      ]
    }
    case 'reduce':
      return [[value.x, () => reduction(b, value, dy)]]
    case 'matmul':
      return matmul(b, value, dy)
    case 'convolution': {
      const { x, kernel } = value
      return [
        [x, () => b.convolutionInputGradient(dy, kernel, x.shape, geometryOf(value))],
        [kernel, () => b.convolutionKernelGradient(x, dy, kernel.shape, geometryOf(value))],
      ]
    }
    case 'convolution_input_gradient': {
      const { kernel } = value
      return [
        [value.dy, () => b.convolution(dy, kernel, geometryOf(value))],
        [kernel, () => b.convolutionKernelGradient(dy, value.dy, kernel.shape, geometryOf(value))],
      ]
    }
    case 'convolution_kernel_gradient': {
      const { x } = value
      return [
        [x, () => b.convolutionInputGradient(value.dy, dy, x.shape, geometryOf(value))],
        [value.dy, () => b.convolution(x, dy, geometryOf(value))],
      ]
    }
    case 'pool': {
      const { x, size, strides, padding } = value
      const geometry = { size, strides, padding }
      const maximum = value.function === 'max'
      return [
        [
          x,
          () =>
            maximum
              ? b.maxPoolGradient(x, value, dy, geometry)
              : b.averagePoolGradient(dy, x.shape, geometry),
        ],
      ]
    }
    case 'average_pool_gradient': {
      const { size, strides, padding } = value
      return [[value.dy, () => b.pool('average', dy, { size, strides, padding })]]
    }
    case 'max_pool_gradient':
      throw new Error('the gradient of a max pool has no gradient')
    case 'gather':
      return [[value.x, () => b.scatterAdd(dy, value.indices, value.x.shape[0] ?? 0)]]
    case 'scatter_add':
      return [[value.updates, () => b.gather(dy, value.indices)]]
    case 'slice': {
      const { x, starts } = value
      const around = x.shape.map((length, i): [number, number] => {
        const start = starts[i] ?? 0
        return [start, length - start - (value.shape[i] ?? 0)]
      })
      return [[x, () => b.pad(dy, around)]]
    }
    case 'pad': {
      const starts = value.padding.map(([before]) => before)
      return [[value.x, () => b.slice(dy, starts, value.x.shape)]]
    }
    case 'concat': {
      let next = 0
      return value.xs.map((x) => {
        const start = next
        const size = x.shape[value.axis] ?? 0
        next += size
        return [x, () => b.sliceAxis(dy, value.axis, start, size)]
      })
    }
    case 'transpose':
      return [[value.x, () => b.transpose(dy, inverse(value.permutation))]]
    case 'reverse':
      return [[value.x, () => b.reverse(dy, value.axis)]]
    case 'reshape':
      return [[value.x, () => b.reshape(dy, value.x.shape)]]
    case 'broadcast':
      return [[value.x, () => reduceTo(b, dy, value.x.shape)]]
    case 'cast':
      return value.dtype === 'f32' && value.x.dtype === 'f32' ? [[value.x, () => dy]] : []
  }
}

/** Slopes are expressions of the result where they can be: the operand need not be kept then. */
function unary(b: Builder, y: Extract<Value, { op: 'unary' }>, dy: Value): Slopes {
  const { x } = y
  const times = (slope: () => Value): Slopes => [[x, () => b.mul(dy, slope())]]
  switch (y.function) {
    case 'ceil':
    case 'floor':
    case 'sign':
      return []
    case 'abs':
      return times(() => b.sign(x))
    case 'cos':
      return times(() => b.neg(b.sin(x)))
    case 'erf':
      return times(() => b.mul(b.exp(b.neg(b.square(x))), 2 / Math.sqrt(Math.PI)))
    case 'exp':
      return times(() => y)
    case 'expm1':
      return times(() => b.add(y, 1))
    case 'log':
      return [[x, () => b.div(dy, x)]]
    case 'log1p':
      return [[x, () => b.div(dy, b.add(x, 1))]]
    case 'neg':
      return [[x, () => b.neg(dy)]]
    case 'relu':
      return [[x, () => b.select(b.greater(y, 0), dy, 0)]]
    case 'rsqrt':
      return times(() => b.mul(b.mul(b.square(y), y), -0.5))
    case 'sigmoid':
      return times(() => b.mul(y, b.sub(1, y)))
    case 'sin':
      return times(() => b.cos(x))
    case 'softplus':
      return times(() => b.sigmoid(x))
    case 'sqrt':
      return [[x, () => b.div(b.mul(dy, 0.5), y)]]
    case 'square':
      return times(() => b.mul(x, 2))
    case 'tanh':
      return times(() => b.sub(1, b.square(y)))
  }
}

/** The gradients still have the shape of the result, to which the operands were broadcast. */
function binary(b: Builder, y: Extract<Value, { op: 'binary' }>, dy: Value): Slopes {
  const { a, b: c } = y
  const either = (first: () => Value): Slopes => [
    [a, () => b.select(first(), dy, 0)],
    [c, () => b.select(first(), 0, dy)],
  ]
  switch (y.function) {
    case 'equal':
    case 'less':
    case 'less_equal':
      return []
    case 'add':
      return [
        [a, () => dy],
        [c, () => dy],
      ]
    case 'sub':
      return [
        [a, () => dy],
        [c, () => b.neg(dy)],
      ]
    case 'mul':
      return [
        [a, () => b.mul(dy, c)],
        [c, () => b.mul(dy, a)],
      ]
    case 'div':
      return [
        [a, () => b.div(dy, c)],
        [c, () => b.neg(b.mul(b.div(dy, c), y))],
      ]
    case 'max':
      return either(() => b.greaterEqual(a, c))
    case 'min':
      return either(() => b.lessEqual(a, c))
    case 'pow':
      return [
        [a, () => b.mul(dy, b.mul(c, b.pow(a, b.sub(c, 1))))],
        [c, () => b.mul(dy, b.mul(y, b.log(b.select(b.greater(a, 0), a, 1))))],
      ]
  }
}

function reduction(b: Builder, y: Extract<Value, { op: 'reduce' }>, dy: Value): Value {
  const { x, axes } = y
  const kept = x.shape.map((length, axis) => (axes.includes(axis) ? 1 : length))
  const wide = b.reshape(dy, kept)
  switch (y.function) {
    case 'sum':
      return b.broadcast(wide, x.shape)
    case 'max':
    case 'min': {
      const extreme = b.equal(x, b.reshape(y, kept))
      return b.mul(extreme, b.div(wide, b.sum(extreme, axes, true)))
    }
    case 'prod':
      return b.mul(wide, productOfOthers(b, x, axes))
  }
}

/** For each element the product of all others along the axes: those before it times those after it, zeros or not. */
function productOfOthers(b: Builder, x: Value, axes: Shape): Value {
  const kept = x.shape.flatMap((_, axis) => (axes.includes(axis) ? [] : [axis]))
  const permutation = [...kept, ...axes]
  const moved = b.transpose(x, permutation)
  const length = axes.reduce((total, axis) => total * (x.shape[axis] ?? 1), 1)
  const rows = b.reshape(moved, [...kept.map((axis) => x.shape[axis] ?? 1), length])
  /** Elements moved by a distance along the row, ones coming in. */
  const shift = (row: Value, distance: number): Value => {
    const padding = row.shape.map((_, axis): [number, number] =>
      axis < row.shape.length - 1 ? [0, 0] : [Math.max(distance, 0), Math.max(-distance, 0)],
    )
    const size = length - Math.abs(distance)
    return b.pad(b.sliceAxis(row, -1, Math.max(-distance, 0), size), padding, 1)
  }
  /** Products of all elements on one side, by doubling. */
  const products = (direction: 1 | -1): Value => {
    let row = shift(rows, direction)
    for (let distance = 1; distance < length; distance *= 2) {
      row = b.mul(row, shift(row, distance * direction))
    }
    return row
  }
  const others = b.mul(products(1), products(-1))
  return b.transpose(b.reshape(others, moved.shape), inverse(permutation))
}

function matmul(b: Builder, y: Extract<Value, { op: 'matmul' }>, dy: Value): Slopes {
  const { a, b: c, transposeA, transposeB } = y
  // One matrix for all leading axes of a: they count as rows.
  const shared = a.shape.length > 2 && c.shape.length === 2
  return [
    [
      a,
      () => {
        if (!transposeA) return b.matmul(dy, c, { transposeB: !transposeB })
        if (!shared) return b.matmul(c, dy, { transposeA: transposeB, transposeB: true })
        return swapLast(b, b.matmul(dy, c, { transposeB: !transposeB }))
      },
    ],
    [
      c,
      () => {
        const left = shared ? flatten(b, transposeA ? swapLast(b, a) : a) : a
        const right = shared ? flatten(b, dy) : dy
        const transposed = !shared && transposeA
        return transposeB
          ? b.matmul(right, left, { transposeA: true, transposeB: transposed })
          : b.matmul(left, right, { transposeA: !transposed })
      },
    ],
  ]
}

/** A tensor as one matrix whose rows are all but the last axis. */
function flatten(b: Builder, x: Value): Value {
  const columns = x.shape.at(-1) ?? 1
  return b.reshape(x, [x.shape.slice(0, -1).reduce((rows, length) => rows * length, 1), columns])
}

function swapLast(b: Builder, x: Value): Value {
  const axes = x.shape.map((_, axis) => axis)
  return b.transpose(x, [...axes.slice(0, -2), ...axes.slice(-2).reverse()])
}

/** The sum of a gradient over the axes along which an operand of `shape` was broadcast. */
function reduceTo(b: Builder, gradient: Value, shape: Shape): Value {
  const missing = gradient.shape.length - shape.length
  const axes = gradient.shape.flatMap((length, axis) =>
    axis < missing || (shape[axis - missing] === 1 && length !== 1) ? [axis] : [],
  )
  return b.reshape(axes.length === 0 ? gradient : b.sum(gradient, axes), shape)
}

function inverse(permutation: Shape): number[] {
  return permutation.map((_, axis) => permutation.indexOf(axis))
}

function geometryOf({ strides, dilation, padding, groups }: ConvolutionGeometry): ConvolutionGeometry {
  return { strides, dilation, padding, groups }
}
