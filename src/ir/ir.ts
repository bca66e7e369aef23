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
  | 'erf'
  | 'exp'
  | 'expm1'
  | 'floor'
  | 'log'
  | 'log1p'
  | 'neg'
  | 'relu'
  | 'rsqrt'
  | 'sigmoid'
  | 'sign'
  | 'sin'
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

export type Operation =
  | { readonly op: 'input'; readonly name: string }
  | { readonly op: 'constant'; readonly data: Float32Array | Int32Array }
  | { readonly op: 'unary'; readonly function: UnaryFunction; readonly x: Value }
  /** Operands broadcast as in numpy. */
  | { readonly op: 'binary'; readonly function: BinaryFunction; readonly a: Value; readonly b: Value }
  /** a where the condition is not 0, else b; operands broadcast as in numpy. */
  | { readonly op: 'select'; readonly condition: Value; readonly a: Value; readonly b: Value }
  | { readonly op: 'reduce'; readonly function: ReduceFunction; readonly x: Value; readonly axes: Shape }
  /** Index of the first largest element along an axis, which is removed. */
  | { readonly op: 'argmax'; readonly x: Value; readonly axis: number }
  /** Over the last two axes; leading axes are equal or, for b, absent. */
  | {
      readonly op: 'matmul'
      readonly a: Value
      readonly b: Value
      readonly transposeA: boolean
      readonly transposeB: boolean
      /**
       * Cuts the depth of the product of two matrices, neither of them transposed, into so many equal lengths: the
       * product of each is a matrix of its own, along a leading axis of the result.
       */
      readonly parts?: number
    }
  | ({ readonly op: 'convolution'; readonly x: Value; readonly kernel: Value } & ConvolutionGeometry)
  /** The gradient of a convolution to its input, which is also the transposed convolution. */
  | ({
      readonly op: 'convolution_input_gradient'
      readonly dy: Value
      readonly kernel: Value
    } & ConvolutionGeometry)
  /** The gradient of a convolution to its kernel. */
  | ({
      readonly op: 'convolution_kernel_gradient'
      readonly x: Value
      readonly dy: Value
    } & ConvolutionGeometry)
  /** Average counts the elements inside the input only. */
  | ({ readonly op: 'pool'; readonly function: 'max' | 'average'; readonly x: Value } & PoolGeometry)
  /** The gradient of a max pool whose result is y: each dy goes to the first element of its window of x equal to y. */
  | ({
      readonly op: 'max_pool_gradient'
      readonly x: Value
      readonly y: Value
      readonly dy: Value
    } & PoolGeometry)
  /** The gradient of an average pool: each dy goes in equal shares to the elements inside its window. */
  | ({ readonly op: 'average_pool_gradient'; readonly dy: Value } & PoolGeometry)
  /** Rows of x (along axis 0) named by integer indices of any shape. */
  | { readonly op: 'gather'; readonly x: Value; readonly indices: Value }
  /** The gradient of a gather: zeros, to whose row indices[i] the row updates[i] is added, in the order of i. */
  | { readonly op: 'scatter_add'; readonly updates: Value; readonly indices: Value }
  | { readonly op: 'slice'; readonly x: Value; readonly starts: Shape }
  | { readonly op: 'pad'; readonly x: Value; readonly padding: Padding; readonly value: number }
  | { readonly op: 'concat'; readonly xs: readonly Value[]; readonly axis: number }
  | { readonly op: 'transpose'; readonly x: Value; readonly permutation: Shape }
  | { readonly op: 'reverse'; readonly x: Value; readonly axis: number }
  | { readonly op: 'reshape'; readonly x: Value }
  | { readonly op: 'broadcast'; readonly x: Value }
  | { readonly op: 'cast'; readonly x: Value }
  /** Counts 0, 1, 2 ... along an axis. */
  | { readonly op: 'iota'; readonly axis: number }
  /**
   * Uniform f32 in [0, 1): element i of a named stream at the counter (an i32 scalar), as in src/random.ts. With `rows`
   * (i32, as many as the first axis is long) each row holds the first elements of its own part of the stream.
   */
  | { readonly op: 'random'; readonly stream: string; readonly counter: Value; readonly rows?: Value }
  /** x, through which no gradient flows. */
  | { readonly op: 'stop_gradient'; readonly x: Value }

/** One value of a program: the operation that makes it, its static shape and element type. */
export type Value = Operation & { readonly id: number; readonly shape: Shape; readonly dtype: DType }

/** Values in an order in which operands come first, and the named results. */
export type Program = {
  readonly values: readonly Value[]
  readonly inputs: ReadonlyMap<string, Value>
  readonly outputs: ReadonlyMap<string, Value>
}

/** The operands of an operation, in order. */
export function operands(operation: Operation): readonly Value[] {
  const found: Value[] = []
  withOperands(operation, (operand) => {
    found.push(operand)
    return operand
  })
  return found
}

/** The same operation on other operands. */
export function withOperands(operation: Operation, change: (operand: Value) => Value): Operation {
  switch (operation.op) {
    case 'input':
    case 'constant':
    case 'iota':
      return operation
    case 'binary':
    case 'matmul':
      return { ...operation, a: change(operation.a), b: change(operation.b) }
    case 'select': {
      const condition = change(operation.condition)
      return { ...operation, condition, a: change(operation.a), b: change(operation.b) }
    }
    case 'convolution':
      return { ...operation, x: change(operation.x), kernel: change(operation.kernel) }
    case 'convolution_input_gradient':
      return { ...operation, dy: change(operation.dy), kernel: change(operation.kernel) }
    case 'convolution_kernel_gradient':
      return { ...operation, x: change(operation.x), dy: change(operation.dy) }
    case 'max_pool_gradient': {
      const x = change(operation.x)
      return { ...operation, x, y: change(operation.y), dy: change(operation.dy) }
    }
    case 'average_pool_gradient':
      return { ...operation, dy: change(operation.dy) }
    case 'gather':
      return { ...operation, x: change(operation.x), indices: change(operation.indices) }
    case 'scatter_add':
      return { ...operation, updates: change(operation.updates), indices: change(operation.indices) }
    case 'concat':
      return { ...operation, xs: operation.xs.map(change) }
    case 'random':
      return {
        ...operation,
        counter: change(operation.counter),
        ...(operation.rows && { rows: change(operation.rows) }),
      }
    default:
      return { ...operation, x: change(operation.x) }
  }
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
