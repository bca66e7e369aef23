// The tensor intermediate representation: a straight-line program of operations on dense tensors with static shapes.
// Every engine executes it; every layer, loss, metric and optimizer is written in it.

export type DType = 'f32' | 'i32'
export type Shape = readonly number[]

/** [before, after] for each spatial axis. */
export type Padding = readonly (readonly [number, number])[]

export type UnaryFunction =
  | 'abs'
  | 'ceil'
  | 'cos'
  /** The Gauss error function. */
  | 'erf'
  | 'exp'
  | 'expm1'
  | 'floor'
  | 'log'
  | 'log1p'
  | 'neg'
  /** max(x, 0), whose gradient at 0 is 0. */
  | 'relu'
  | 'rsqrt'
  | 'sigmoid'
  | 'sign'
  | 'sin'
  /** log(1 + exp(x)). */
  | 'softplus'
  | 'sqrt'
  | 'square'
  | 'tanh'

/** Comparisons yield f32 0 or 1. */
export type BinaryFunction =
  'add' | 'sub' | 'mul' | 'div' | 'max' | 'min' | 'pow' | 'equal' | 'less' | 'less_equal'

export type ReduceFunction = 'sum' | 'max' | 'min' | 'prod'

/** Geometry of a convolution; x is [batch, ...spatial, channels], the kernel [...window, channels / groups, filters]. */
export type ConvolutionGeometry = {
  readonly strides: Shape
  readonly dilation: Shape
  readonly padding: Padding
  readonly groups: number
}

export type PoolGeometry = { readonly size: Shape; readonly strides: Shape; readonly padding: Padding }

export type TensorType = { readonly shape: Shape; readonly dtype: DType }

/** The operands and the attributes of every op; `shape` and `dtype` stand among them where they do not follow. */
type Ops = {
  input: { readonly name: string } & TensorType
  constant: { readonly data: Float32Array | Int32Array; readonly shape: Shape }
  /** `alone`: a back end computes it in a kernel of its own. */
  unary: { readonly function: UnaryFunction; readonly x: Value; readonly alone?: boolean }
  /** Operands broadcast as in numpy. */
  binary: { readonly function: BinaryFunction; readonly a: Value; readonly b: Value }
  /** a where the condition is not 0, else b; operands broadcast as in numpy. */
  select: { readonly condition: Value; readonly a: Value; readonly b: Value }
  reduce: { readonly function: ReduceFunction; readonly x: Value; readonly axes: Shape }
  /** Index of the first largest element along an axis, which is removed. */
  argmax: { readonly x: Value; readonly axis: number }
  /** Over the last two axes; leading axes are equal or, for b, absent. */
  matmul: {
    readonly a: Value
    readonly b: Value
    readonly transposeA: boolean
    readonly transposeB: boolean
    /**
     * Number of equal lengths into which the depth of the product of two matrices, neither of them transposed, is cut:
     * the product of each is a matrix of its own, along a leading axis of the result.
     */
    readonly parts?: number
    /**
     * Matrices of the steps of a loop, stacked along these axes (0 or 1) of a and of b. The result is the sum of the products of
     * all steps, in their order or from the last to the first; each product is summed from 0.
     */
    readonly stacked?: { readonly axes: readonly [number, number]; readonly reverse: boolean }
  }
  convolution: { readonly x: Value; readonly kernel: Value } & ConvolutionGeometry
  /** The gradient of a convolution to its input, which is also the transposed convolution. */
  convolution_input_gradient: {
    readonly dy: Value
    readonly kernel: Value
    readonly shape: Shape
  } & ConvolutionGeometry
  /** The gradient of a convolution to its kernel. */
  convolution_kernel_gradient: {
    readonly x: Value
    readonly dy: Value
    readonly shape: Shape
  } & ConvolutionGeometry
  /** Average counts the elements inside the input only. */
  pool: { readonly function: 'max' | 'average'; readonly x: Value } & PoolGeometry
  /** The gradient of a max pool whose result is y: each dy goes to the first element of its window of x equal to y. */
  max_pool_gradient: { readonly x: Value; readonly y: Value; readonly dy: Value } & PoolGeometry
  /** The gradient of an average pool: each dy goes in equal shares to the elements inside its window. */
  average_pool_gradient: { readonly dy: Value; readonly shape: Shape } & PoolGeometry
  /** Rows of x (along axis 0) named by integer indices of any shape. */
  gather: { readonly x: Value; readonly indices: Value }
  /** The gradient of a gather: zeros, to whose row indices[i] the row updates[i] is added, in the order of i. */
  scatter_add: { readonly updates: Value; readonly indices: Value; readonly shape: Shape }
  slice: { readonly x: Value; readonly starts: Shape; readonly shape: Shape }
  /** The elements of x at one index (an i32 scalar within its bounds) along an axis, which is removed. */
  take: { readonly x: Value; readonly index: Value; readonly axis: number }
  pad: { readonly x: Value; readonly padding: Padding; readonly value: number }
  concat: { readonly xs: readonly Value[]; readonly axis: number }
  transpose: { readonly x: Value; readonly permutation: Shape }
  reverse: { readonly x: Value; readonly axis: number }
  reshape: { readonly x: Value; readonly shape: Shape }
  broadcast: { readonly x: Value; readonly shape: Shape }
  /** To f32, or to i32 towards zero. */
  cast: { readonly x: Value; readonly dtype: DType }
  /** Counts 0, 1, 2 ... along an axis. */
  iota: { readonly axis: number } & TensorType
  /**
   * Uniform f32 in [0, 1): element i of a named stream at the counter (an i32 scalar), as in src/random.ts. With `rows`
   * (i32, as many as the first axis is long) each row holds the first elements of its own part of the stream.
   */
  random: { readonly stream: string; readonly counter: Value; readonly rows?: Value; readonly shape: Shape }
  /** x, through which no gradient flows. */
  stop_gradient: { readonly x: Value }
  /**
   * A loop over steps 0 .. steps - 1, in reverse from the last to the first. The body takes the step (`step`, i32), the
   * states so far (`state0` ...) and values from outside (`captured0` ...), and makes new states under the same names and
   * what the step yields (`yield0` ...), all f32. The result is flat: the last states, then the yields of all steps, each
   * stacked along its axis; ops/scan.ts tells where each lies.
   */
  scan: {
    readonly body: Program
    readonly steps: number
    readonly reverse: boolean
    readonly initial: readonly Value[]
    readonly captured: readonly Value[]
    /** The axis along which each yield is stacked. */
    readonly axes: Shape
    /** Absent once the program is optimised: gradients are taken before. */
    readonly backward?: ScanGradient
  }
}

/** The gradient of a scan: another one, in the other direction. */
export type ScanGradient = {
  /**
   * Its states are the gradients to those of the forward scan and the sums of the gradients to `summed`; it captures what
   * the forward scan captures, the yields of that and their gradients; it yields the gradients to `taken`.
   */
  readonly body: Program
  /** Numbers of captured values whose gradients add up over the steps. */
  readonly summed: readonly number[]
  /** Numbers of captured values that each step takes its part of along an axis, where that is all it needs of them. */
  readonly taken: readonly { readonly captured: number; readonly axis: number }[]
}

export type Op = keyof Ops

export type Operation<K extends Op = Op> = { [P in K]: { readonly op: P } & Ops[P] }[K]

/** One value of a program: the operation that makes it and the type of its result. */
export type Value<K extends Op = Op> = {
  [P in K]: { readonly op: P } & Ops[P] & TensorType & { readonly id: number }
}[K]

/** A tensor, or a number that stands for a scalar. */
export type Operand = Value | number

/** Values in an order in which operands come first, and the named results. */
export type Program = {
  readonly values: readonly Value[]
  readonly inputs: ReadonlyMap<string, Value>
  readonly outputs: ReadonlyMap<string, Value>
}

export function sizeOf(shape: Shape): number {
  return shape.reduce((size, dimension) => size * dimension, 1)
}

export function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((dimension, i) => dimension === b[i])
}

/** The numpy broadcast of two shapes, or undefined where they do not fit. */
export function broadcastShapes(a: Shape, b: Shape): Shape | undefined {
  const rank = Math.max(a.length, b.length)
  const result: number[] = []
  for (let i = 0; i < rank; i++) {
    const left = a[a.length - rank + i] ?? 1
    const right = b[b.length - rank + i] ?? 1
    if (left !== right && left !== 1 && right !== 1) return undefined
    result.push(left === 1 ? right : left)
  }
  return result
}
