import { sameShape, sizeOf } from './ir.ts'
import type {
  BinaryFunction,
  ConvolutionGeometry,
  DType,
  Operation,
  Padding,
  PoolGeometry,
  Program,
  ReduceFunction,
  Shape,
  UnaryFunction,
  Value,
} from './ir.ts'
import { fit, fromEnd, matrixShape, mismatch, slide } from './shapes.ts'

/** A tensor, or a number that stands for a scalar. */
export type Operand = Value | number

/**
 * Appends operations to a program. A shape that does not fit is a bug of the caller and throws: configs are checked
 * by shape inference before anything is built. Axes may be negative, counted from the end.
 */
export class Builder {
  readonly #values: Value[] = []
  readonly #inputs = new Map<string, Value>()
  readonly #logits = new Map<Value, { readonly logits: Value; readonly activation: 'softmax' | 'sigmoid' }>()

  program(outputs: Iterable<readonly [string, Value]>): Program {
    return { values: [...this.#values], inputs: new Map(this.#inputs), outputs: new Map(outputs) }
  }

  input(name: string, shape: Shape, dtype: DType = 'f32'): Value {
    if (this.#inputs.has(name)) throw new Error(`the program has two inputs named ${name}`)
    const value = this.append({ op: 'input', name }, shape, dtype)
    this.#inputs.set(name, value)
    return value
  }

  constant(
    data: number | readonly number[],
    shape: Shape = typeof data === 'number' ? [] : [data.length],
  ): Value {
    const array =
      typeof data === 'number' ? new Float32Array(sizeOf(shape)).fill(data) : Float32Array.from(data)
    if (array.length !== sizeOf(shape)) throw mismatch('constant', [array.length], shape)
    return this.append({ op: 'constant', data: array }, shape)
  }

  iota(shape: Shape, axis: number, dtype: DType = 'f32'): Value {
    return this.append({ op: 'iota', axis: fromEnd(axis, shape.length) }, shape, dtype)
  }

  /** Uniform numbers in [0, 1); two values of one stream and counter are equal, with `rows` row by row. */
  random(stream: string, counter: Value, shape: Shape, rows?: Value): Value {
    if (rows && rows.shape[0] !== shape[0]) throw mismatch('random', rows.shape, shape)
    return this.append({ op: 'random', stream, counter, ...(rows && { rows }) }, shape)
  }

  abs(x: Value): Value {
    return this.#unary('abs', x)
  }
  ceil(x: Value): Value {
    return this.#unary('ceil', x)
  }
  cos(x: Value): Value {
    return this.#unary('cos', x)
  }
  /** The Gauss error function. */
  erf(x: Value): Value {
    return this.#unary('erf', x)
  }
  exp(x: Value): Value {
    return this.#unary('exp', x)
  }
  expm1(x: Value): Value {
    return this.#unary('expm1', x)
  }
  floor(x: Value): Value {
    return this.#unary('floor', x)
  }
  log(x: Value): Value {
    return this.#unary('log', x)
  }
  log1p(x: Value): Value {
    return this.#unary('log1p', x)
  }
  neg(x: Value): Value {
    return this.#unary('neg', x)
  }
  /** max(x, 0), whose gradient at 0 is 0. */
  relu(x: Value): Value {
    return this.#unary('relu', x)
  }
  rsqrt(x: Value): Value {
    return this.#unary('rsqrt', x)
  }
  sign(x: Value): Value {
    return this.#unary('sign', x)
  }
  sin(x: Value): Value {
    return this.#unary('sin', x)
  }
  /** log(1 + exp(x)). */
  softplus(x: Value): Value {
    return this.#unary('softplus', x)
  }
  sqrt(x: Value): Value {
    return this.#unary('sqrt', x)
  }
  square(x: Value): Value {
    return this.#unary('square', x)
  }
  tanh(x: Value): Value {
    return this.#unary('tanh', x)
  }

  sigmoid(x: Value): Value {
    const result = this.#unary('sigmoid', x)
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
    const [left, right] = [this.#value(a), this.#value(b)]
    const shape = [left, right].reduce<Shape>((whole, x) => fit('select', whole, x.shape), condition.shape)
    return this.append({ op: 'select', condition, a: left, b: right }, shape, left.dtype)
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
    const at = fromEnd(axis, x.shape.length)
    return this.append({ op: 'argmax', x, axis: at }, x.shape.toSpliced(at, 1), 'i32')
  }

  /** Matrix product over the last two axes; b may lack a's leading axes. */
  matmul(a: Value, b: Value, options: { transposeA?: boolean; transposeB?: boolean } = {}): Value {
    const { transposeA = false, transposeB = false } = options
    const [rows, inner] = matrixShape(a.shape, transposeA)
    const [innerB, columns] = matrixShape(b.shape, transposeB)
    const lead = a.shape.slice(0, -2)
    const leadB = b.shape.slice(0, -2)
    if (inner !== innerB || (leadB.length > 0 && !sameShape(lead, leadB)))
      throw mismatch('matmul', a.shape, b.shape)
    return this.append({ op: 'matmul', a, b, transposeA, transposeB }, [...lead, rows, columns])
  }

  /** x [batch, ...spatial, channels] by a kernel [...window, channels / groups, filters]. */
  convolution(x: Value, kernel: Value, geometry: ConvolutionGeometry): Value {
    if (x.shape.at(-1) !== (kernel.shape.at(-2) ?? 0) * geometry.groups) {
      throw mismatch('convolution', x.shape, kernel.shape)
    }
    const shape = slide(x.shape, { size: kernel.shape.slice(0, -2), ...geometry })
    return this.append(
      { op: 'convolution', x, kernel, ...geometry },
      shape.with(-1, kernel.shape.at(-1) ?? 0),
    )
  }

  /** The input gradient of `convolution` for an input of `shape`: a transposed convolution of dy. */
  convolutionInputGradient(dy: Value, kernel: Value, shape: Shape, geometry: ConvolutionGeometry): Value {
    return this.append({ op: 'convolution_input_gradient', dy, kernel, ...geometry }, shape)
  }

  /** The kernel gradient of `convolution` for a kernel of `shape`. */
  convolutionKernelGradient(x: Value, dy: Value, shape: Shape, geometry: ConvolutionGeometry): Value {
    return this.append({ op: 'convolution_kernel_gradient', x, dy, ...geometry }, shape)
  }

  /** x [batch, ...spatial, channels]. */
  pool(kind: 'max' | 'average', x: Value, geometry: PoolGeometry): Value {
    return this.append({ op: 'pool', function: kind, x, ...geometry }, slide(x.shape, geometry))
  }

  /** The input gradient of a max pool with the result y. */
  maxPoolGradient(x: Value, y: Value, dy: Value, geometry: PoolGeometry): Value {
    return this.append({ op: 'max_pool_gradient', x, y, dy, ...geometry }, x.shape)
  }

  /** The input gradient of an average pool for an input of `shape`. */
  averagePoolGradient(dy: Value, shape: Shape, geometry: PoolGeometry): Value {
    return this.append({ op: 'average_pool_gradient', dy, ...geometry }, shape)
  }

  /** Rows of x along axis 0; the result has the shape of the i32 indices followed by a row's shape. */
  gather(x: Value, indices: Value): Value {
    return this.append({ op: 'gather', x, indices }, [...indices.shape, ...x.shape.slice(1)], x.dtype)
  }

  /** [rows, ...] of zeros, to whose row indices[i] the row updates[i] is added. */
  scatterAdd(updates: Value, indices: Value, rows: number): Value {
    const shape = [rows, ...updates.shape.slice(indices.shape.length)]
    return this.append({ op: 'scatter_add', updates, indices }, shape)
  }

  /** f32 [..., depth] with 1 at each i32 index. */
  oneHot(indices: Value, depth: number): Value {
    const shape = [...indices.shape, depth]
    const column = this.reshape(indices, [...indices.shape, 1])
    return this.equal(this.iota(shape, -1, 'i32'), column)
  }

  slice(x: Value, starts: Shape, sizes: Shape): Value {
    if (sameShape(sizes, x.shape)) return x
    return this.append({ op: 'slice', x, starts }, sizes, x.dtype)
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

  pad(x: Value, padding: Padding, value = 0): Value {
    if (padding.every(([before, after]) => before === 0 && after === 0)) return x
    const shape = x.shape.map((length, i) => length + (padding[i]?.[0] ?? 0) + (padding[i]?.[1] ?? 0))
    return this.append({ op: 'pad', x, padding, value }, shape, x.dtype)
  }

  concat(xs: readonly Value[], axis = -1): Value {
    const [first] = xs
    if (first === undefined) throw new Error('concat needs at least one tensor')
    if (xs.length === 1) return first
    const at = fromEnd(axis, first.shape.length)
    const length = xs.reduce((total, x) => total + (x.shape[at] ?? 0), 0)
    return this.append({ op: 'concat', xs, axis: at }, first.shape.with(at, length), first.dtype)
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
    return this.append(
      { op: 'transpose', x, permutation },
      permutation.map((axis) => x.shape[axis] ?? 0),
      x.dtype,
    )
  }

  reverse(x: Value, axis: number): Value {
    return this.append({ op: 'reverse', x, axis: fromEnd(axis, x.shape.length) }, x.shape, x.dtype)
  }

  reshape(x: Value, shape: Shape): Value {
    if (sameShape(x.shape, shape)) return x
    if (sizeOf(x.shape) !== sizeOf(shape)) throw mismatch('reshape', x.shape, shape)
    return this.append({ op: 'reshape', x }, shape, x.dtype)
  }

  broadcast(x: Value, shape: Shape): Value {
    if (sameShape(x.shape, shape)) return x
    if (!sameShape(fit('broadcast', x.shape, shape), shape)) throw mismatch('broadcast', x.shape, shape)
    return this.append({ op: 'broadcast', x }, shape, x.dtype)
  }

  /** To f32, or to i32 towards zero. */
  cast(x: Value, dtype: DType): Value {
    return x.dtype === dtype ? x : this.append({ op: 'cast', x }, x.shape, dtype)
  }

  stopGradient(x: Value): Value {
    return this.append({ op: 'stop_gradient', x }, x.shape, x.dtype)
  }

  #unary(name: UnaryFunction, x: Value): Value {
    return this.append({ op: 'unary', function: name, x }, x.shape)
  }

  #binary(name: BinaryFunction, a: Operand, b: Operand): Value {
    const [left, right] = [this.#value(a), this.#value(b)]
    return this.append(
      { op: 'binary', function: name, a: left, b: right },
      fit(name, left.shape, right.shape),
    )
  }

  #reduce(name: ReduceFunction, x: Value, axes: number | Shape | undefined, keepDims: boolean): Value {
    const named = axes === undefined ? x.shape.map((_, i) => i) : typeof axes === 'number' ? [axes] : axes
    const reduced = named.map((axis) => fromEnd(axis, x.shape.length)).sort((a, b) => a - b)
    const kept = x.shape.map((length, i) => (reduced.includes(i) ? 1 : length))
    const dropped = x.shape.filter((_, i) => !reduced.includes(i))
    const result = this.append({ op: 'reduce', function: name, x, axes: reduced }, dropped)
    return keepDims ? this.reshape(result, kept) : result
  }

  #value(operand: Operand): Value {
    return typeof operand === 'number' ? this.constant(operand) : operand
  }

  /** Adds an operation whose result has this shape. */
  append(operation: Operation, shape: Shape, dtype: DType = 'f32'): Value {
    const value: Value = { ...operation, id: this.#values.length, shape, dtype }
    this.#values.push(value)
    return value
  }
}
