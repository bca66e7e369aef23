import { sameShape, sizeOf } from './ir.ts'
import type {
  BinaryFunction,
  ConvolutionGeometry,
  DType,
  Operand,
  Operation,
  Padding,
  PoolGeometry,
  ReduceFunction,
  Shape,
  UnaryFunction,
  Value,
} from './ir.ts'
import { fromEnd } from './shapes.ts'

/** A method for each unary function. */
type UnaryMethods = { readonly [F in UnaryFunction]: (x: Value) => Value }

function unary(name: UnaryFunction) {
  return function (this: ExpressionBuilder, x: Value): Value {
    return this.append({ op: 'unary', function: name, x })
  }
}

/**
 * Writes tensor expressions as operations, which go where `append` puts them. Axes may be negative, counted from the
 * end.
 */
export abstract class ExpressionBuilder implements UnaryMethods {
  readonly abs = unary('abs')
  readonly ceil = unary('ceil')
  readonly cos = unary('cos')
  readonly erf = unary('erf')
  readonly exp = unary('exp')
  readonly expm1 = unary('expm1')
  readonly floor = unary('floor')
  readonly log = unary('log')
  readonly log1p = unary('log1p')
  readonly neg = unary('neg')
  readonly relu = unary('relu')
  readonly rsqrt = unary('rsqrt')
  readonly sign = unary('sign')
  readonly sin = unary('sin')
  readonly softplus = unary('softplus')
  readonly sqrt = unary('sqrt')
  readonly square = unary('square')
  readonly tanh = unary('tanh')
  readonly #logits = new Map<Value, { readonly logits: Value; readonly activation: 'softmax' | 'sigmoid' }>()

  /** Makes a value of an operation; throws where the shapes of its operands do not fit. */
  abstract append(operation: Operation): Value

  /** The numbers given, or one number in every place of a shape. */
  constant(data: number | readonly number[], shape?: Shape): Value {
    if (typeof data === 'number')
      return this.broadcast(
        this.append({ op: 'constant', data: Float32Array.of(data), shape: [] }),
        shape ?? [],
      )
    return this.append({ op: 'constant', data: Float32Array.from(data), shape: shape ?? [data.length] })
  }

  iota(shape: Shape, axis: number, dtype: DType = 'f32'): Value {
    return this.append({ op: 'iota', axis: fromEnd(axis, shape.length), shape, dtype })
  }

  /** Uniform numbers in [0, 1); two values of one stream and counter are equal, with `rows` row by row. */
  random(stream: string, counter: Value, shape: Shape, rows?: Value): Value {
    return this.append({ op: 'random', stream, counter, ...(rows && { rows }), shape })
  }

  sigmoid(x: Value): Value {
    const result = this.append({ op: 'unary', function: 'sigmoid', x })
    this.#logits.set(result, { logits: x, activation: 'sigmoid' })
    return result
  }

  /** exp(x) / sum(exp(x)) along an axis. */
  softmax(x: Value, axis = -1): Value {
    const exponentials = this.exp(this.sub(x, this.stopGradient(this.reduceMax(x, axis, true))))
    const result = this.div(exponentials, this.sum(exponentials, axis, true))
    if (fromEnd(axis, x.shape.length) === x.shape.length - 1) {
      this.#logits.set(result, { logits: x, activation: 'softmax' })
    }
    return result
  }

  logSoftmax(x: Value, axis = -1): Value {
    const shifted = this.sub(x, this.stopGradient(this.reduceMax(x, axis, true)))
    return this.sub(shifted, this.log(this.sum(this.exp(shifted), axis, true)))
  }

  /** The logits of probabilities that came straight from `softmax` (last axis) or `sigmoid`. */
  logitsOf(probabilities: Value, activation: 'softmax' | 'sigmoid'): Value | undefined {
    const source = this.#logits.get(probabilities)
    return source?.activation === activation ? source.logits : undefined
  }

  add(a: Operand, b: Operand): Value {
    return this.#binary('add', a, b)
  }
  sub(a: Operand, b: Operand): Value {
    return this.#binary('sub', a, b)
  }
  mul(a: Operand, b: Operand): Value {
    return this.#binary('mul', a, b)
  }
  div(a: Operand, b: Operand): Value {
    return this.#binary('div', a, b)
  }
  max(a: Operand, b: Operand): Value {
    return this.#binary('max', a, b)
  }
  min(a: Operand, b: Operand): Value {
    return this.#binary('min', a, b)
  }
  pow(a: Operand, b: Operand): Value {
    return this.#binary('pow', a, b)
  }
  equal(a: Operand, b: Operand): Value {
    return this.#binary('equal', a, b)
  }
  less(a: Operand, b: Operand): Value {
    return this.#binary('less', a, b)
  }
  lessEqual(a: Operand, b: Operand): Value {
    return this.#binary('less_equal', a, b)
  }
  greater(a: Operand, b: Operand): Value {
    return this.#binary('less', b, a)
  }
  greaterEqual(a: Operand, b: Operand): Value {
    return this.#binary('less_equal', b, a)
  }
  clip(x: Value, low: number, high: number): Value {
    return this.min(this.max(x, low), high)
  }

  /** a where the condition is not 0, else b. */
  select(condition: Value, a: Operand, b: Operand): Value {
    return this.append({ op: 'select', condition, a: this.#value(a), b: this.#value(b) })
  }

  /** Over all axes when none are named. */
  sum(x: Value, axes?: number | Shape, keepDims = false): Value {
    return this.#reduce('sum', x, axes, keepDims)
  }
  mean(x: Value, axes?: number | Shape, keepDims = false): Value {
    const total = this.sum(x, axes, keepDims)
    return this.mul(total, sizeOf(total.shape) / sizeOf(x.shape))
  }
  reduceMax(x: Value, axes?: number | Shape, keepDims = false): Value {
    return this.#reduce('max', x, axes, keepDims)
  }
  reduceMin(x: Value, axes?: number | Shape, keepDims = false): Value {
    return this.#reduce('min', x, axes, keepDims)
  }
  product(x: Value, axes?: number | Shape, keepDims = false): Value {
    return this.#reduce('prod', x, axes, keepDims)
  }

  /** i32 index of the first largest element along the axis, which is removed. */
  argmax(x: Value, axis = -1): Value {
    return this.append({ op: 'argmax', x, axis: fromEnd(axis, x.shape.length) })
  }

  /** Matrix product over the last two axes; b may lack a's leading axes. */
  matmul(a: Value, b: Value, options: { transposeA?: boolean; transposeB?: boolean } = {}): Value {
    const { transposeA = false, transposeB = false } = options
    return this.append({ op: 'matmul', a, b, transposeA, transposeB })
  }

  /** x [batch, ...spatial, channels] by a kernel [...window, channels / groups, filters]. */
  convolution(x: Value, kernel: Value, geometry: ConvolutionGeometry): Value {
    const [channels = 0, filters = 0] = [x.shape.at(-1), kernel.shape.at(-1)]
    const isDepthwise = channels > 1 && channels === geometry.groups && filters > channels
    // Kernels of depthwise convolutions take vectors of channels: each channel is repeated for its filters.
    const repeated = isDepthwise
      ? { x: this.repeat(x, x.shape.length - 1, filters / channels), groups: filters }
      : { x }
    return this.append({ op: 'convolution', kernel, ...geometry, ...repeated })
  }

  /** The input gradient of `convolution` for an input of `shape`: a transposed convolution of dy. */
  convolutionInputGradient(dy: Value, kernel: Value, shape: Shape, geometry: ConvolutionGeometry): Value {
    return this.append({ op: 'convolution_input_gradient', dy, kernel, ...geometry, shape })
  }

  /** The kernel gradient of `convolution` for a kernel of `shape`. */
  convolutionKernelGradient(x: Value, dy: Value, shape: Shape, geometry: ConvolutionGeometry): Value {
    return this.append({ op: 'convolution_kernel_gradient', x, dy, ...geometry, shape })
  }

  /** x [batch, ...spatial, channels]. */
  pool(kind: 'max' | 'average', x: Value, geometry: PoolGeometry): Value {
    return this.append({ op: 'pool', function: kind, x, ...geometry })
  }

  /** The input gradient of a max pool with the result y. */
  maxPoolGradient(x: Value, y: Value, dy: Value, geometry: PoolGeometry): Value {
    return this.append({ op: 'max_pool_gradient', x, y, dy, ...geometry })
  }

  /** The input gradient of an average pool for an input of `shape`. */
  averagePoolGradient(dy: Value, shape: Shape, geometry: PoolGeometry): Value {
    return this.append({ op: 'average_pool_gradient', dy, ...geometry, shape })
  }

  /** Rows of x along axis 0; the result has the shape of the i32 indices followed by a row's shape. */
  gather(x: Value, indices: Value): Value {
    return this.append({ op: 'gather', x, indices })
  }

  /** [rows, ...] of zeros, to whose row indices[i] the row updates[i] is added. */
  scatterAdd(updates: Value, indices: Value, rows: number): Value {
    const shape = [rows, ...updates.shape.slice(indices.shape.length)]
    return this.append({ op: 'scatter_add', updates, indices, shape })
  }

  /** f32 [..., depth] with 1 at each i32 index. */
  oneHot(indices: Value, depth: number): Value {
    const shape = [...indices.shape, depth]
    const column = this.reshape(indices, [...indices.shape, 1])
    return this.equal(this.iota(shape, -1, 'i32'), column)
  }

  slice(x: Value, starts: Shape, sizes: Shape): Value {
    if (sameShape(sizes, x.shape)) return x
    return this.append({ op: 'slice', x, starts, shape: sizes })
  }

  /** `size` elements along one axis from `start`. */
  sliceAxis(x: Value, axis: number, start: number, size: number): Value {
    const at = fromEnd(axis, x.shape.length)
    return this.slice(
      x,
      x.shape.map((_, i) => (i === at ? start : 0)),
      x.shape.with(at, size),
    )
  }

  /** The elements of x at an index, an i32 scalar, along an axis, which is removed. */
  take(x: Value, index: Value, axis: number): Value {
    return this.append({ op: 'take', x, index, axis: fromEnd(axis, x.shape.length) })
  }

  pad(x: Value, padding: Padding, value = 0): Value {
    if (padding.every(([before, after]) => before === 0 && after === 0)) return x
    return this.append({ op: 'pad', x, padding, value })
  }

  concat(xs: readonly Value[], axis = -1): Value {
    const [first] = xs
    if (first !== undefined && xs.length === 1) return first
    return this.append({ op: 'concat', xs, axis: fromEnd(axis, first?.shape.length ?? 0) })
  }

  /** Tensors of one shape along a new axis. */
  stack(xs: readonly Value[], axis: number): Value {
    return this.concat(
      xs.map((x) => this.reshape(x, x.shape.toSpliced(fromEnd(axis, x.shape.length + 1), 0, 1))),
      axis,
    )
  }

  transpose(x: Value, permutation: Shape): Value {
    if (permutation.every((axis, i) => axis === i)) return x
    return this.append({ op: 'transpose', x, permutation })
  }

  reverse(x: Value, axis: number): Value {
    return this.append({ op: 'reverse', x, axis: fromEnd(axis, x.shape.length) })
  }

  reshape(x: Value, shape: Shape): Value {
    return sameShape(x.shape, shape) ? x : this.append({ op: 'reshape', x, shape })
  }

  broadcast(x: Value, shape: Shape): Value {
    return sameShape(x.shape, shape) ? x : this.append({ op: 'broadcast', x, shape })
  }

  /** Each element along an axis `times` times. */
  repeat(x: Value, axis: number, times: number): Value {
    const [rows, columns] = [sizeOf(x.shape.slice(0, axis + 1)), sizeOf(x.shape.slice(axis + 1))]
    const copies = this.broadcast(this.reshape(x, [rows, 1, columns]), [rows, times, columns])
    return this.reshape(copies, x.shape.with(axis, (x.shape[axis] ?? 0) * times))
  }

  /** To f32, or to i32 towards zero. */
  cast(x: Value, dtype: DType): Value {
    return x.dtype === dtype ? x : this.append({ op: 'cast', x, dtype })
  }

  stopGradient(x: Value): Value {
    return this.append({ op: 'stop_gradient', x })
  }

  #binary(name: BinaryFunction, a: Operand, b: Operand): Value {
    return this.append({ op: 'binary', function: name, a: this.#value(a), b: this.#value(b) })
  }

  #reduce(name: ReduceFunction, x: Value, axes: number | Shape | undefined, keepDims: boolean): Value {
    const named = axes === undefined ? x.shape.map((_, i) => i) : typeof axes === 'number' ? [axes] : axes
    const reduced = named.map((axis) => fromEnd(axis, x.shape.length)).sort((a, b) => a - b)
    const kept = x.shape.map((length, i) => (reduced.includes(i) ? 1 : length))
    const result = this.append({ op: 'reduce', function: name, x, axes: reduced })
    return keepDims ? this.reshape(result, kept) : result
  }

  #value(operand: Operand): Value {
    return typeof operand === 'number' ? this.constant(operand) : operand
  }
}
