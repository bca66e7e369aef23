import type * as tfjs from '@tensorflow/tfjs-core'

import type {
  BinaryFunction,
  ConvolutionGeometry,
  PoolGeometry,
  Program,
  ReduceFunction,
  Shape,
  UnaryFunction,
  Value,
} from '../../ir/ir.ts'
import { sizeOf } from '../../ir/ir.ts'
import { randomUniform, stream } from '../../random.ts'
import type { Tf } from './backend.ts'
import { dilate } from './kernels/windows.ts'

type Tensor = tfjs.Tensor
type Read = (value: Value) => Tensor

/** Executes a program operation by operation on the backend that is set; TensorFlow.js can differentiate through it. */
export function execute(
  tf: Tf,
  program: Program,
  inputs: ReadonlyMap<string, Tensor>,
  seed: number,
): Map<string, Tensor> {
  const results = new Map<Value, Tensor>()
  const read: Read = (value) => {
    const tensor = results.get(value)
    if (tensor === undefined) throw new Error(`value ${value.id} is used before it is made`)
    return tensor
  }
  for (const value of program.values) results.set(value, evaluate(tf, value, read, inputs, seed))
  return new Map([...program.outputs].map(([name, value]) => [name, read(value)]))
}

function evaluate(
  tf: Tf,
  value: Value,
  read: Read,
  inputs: ReadonlyMap<string, Tensor>,
  seed: number,
): Tensor {
  const shape = [...value.shape]
  switch (value.op) {
    case 'input': {
      const tensor = inputs.get(value.name)
      if (tensor === undefined) throw new Error(`no tensor is given for the input ${value.name}`)
      return tensor
    }
    case 'constant':
      return tf.tensor(value.data, shape, dtypeOf(value))
    case 'unary':
      return UNARY[value.function](tf, read(value.x))
    case 'binary':
      return BINARY[value.function](tf, read(value.a), read(value.b))
    case 'select': {
      const condition = detached(tf, () => tf.notEqual(read(value.condition), 0))
      return tf.where(condition, read(value.a), read(value.b))
    }
    case 'reduce':
      return REDUCE[value.function](tf, read(value.x), [...value.axes])
    case 'argmax':
      return detached(tf, () => tf.argMax(read(value.x), value.axis))
    case 'matmul':
      return matmul(tf, value, read(value.a), read(value.b))
    // Dilated kernels: native TensorFlow has no dilated convolutions in space, and no backend has their gradients.
    case 'convolution':
      return convolution(tf, value, read(value.x), dilate(tf, read(value.kernel), value.dilation))
    case 'convolution_input_gradient':
      return convolutionInputGradient(
        tf,
        value,
        read(value.dy),
        dilate(tf, read(value.kernel), value.dilation),
      )
    case 'pool':
      return pool(tf, value, read(value.x))
    case 'convolution_kernel_gradient':
    case 'max_pool_gradient':
    case 'average_pool_gradient':
    case 'scatter_add':
      throw new Error(`${value.op} belongs to the compiler's gradients: TensorFlow.js makes its own`)
    case 'gather':
      return tf.gather(read(value.x), tf.cast(read(value.indices), 'int32'))
    case 'slice':
      return tf.slice(read(value.x), [...value.starts], shape)
    case 'pad':
      return tf.pad(read(value.x), value.padding.map(pair), value.value)
    case 'concat':
      return tf.concat(value.xs.map(read), value.axis)
    case 'transpose':
      return tf.transpose(read(value.x), [...value.permutation])
    case 'reverse':
      return tf.reverse(read(value.x), value.axis)
    case 'reshape':
      return tf.reshape(read(value.x), shape)
    case 'broadcast':
      return tf.broadcastTo(read(value.x), shape)
    case 'cast':
      return tf.cast(read(value.x), dtypeOf(value))
    case 'iota': {
      const length = value.shape[value.axis] ?? 0
      const column = tf.reshape(
        tf.range(0, length, 1, dtypeOf(value)),
        shape.map((_, i) => (i === value.axis ? length : 1)),
      )
      return tf.broadcastTo(column, shape)
    }
    case 'random': {
      const counter = read(value.counter).dataSync()[0] ?? 0
      const source = stream(seed, value.stream)
      const rows = value.rows && [...read(value.rows).dataSync()]
      return tf.tensor(randomUniform(source, counter, sizeOf(shape), rows), shape)
    }
    case 'stop_gradient':
      return detached(tf, () => tf.clone(read(value.x)))
  }
}

const UNARY: Record<UnaryFunction, (tf: Tf, x: Tensor) => Tensor> = {
  // The gradient of tf.abs is -1 at 0.
  abs: (tf, x) =>
    tf.mul(
      x,
      detached(tf, () => tf.sign(x)),
    ),
  ceil: (tf, x) => tf.ceil(x),
  cos: (tf, x) => tf.cos(x),
  erf: (tf, x) => tf.erf(x),
  exp: (tf, x) => tf.exp(x),
  expm1: (tf, x) => tf.expm1(x),
  floor: (tf, x) => tf.floor(x),
  log: (tf, x) => tf.log(x),
  log1p: (tf, x) => tf.log1p(x),
  neg: (tf, x) => tf.neg(x),
  relu: (tf, x) => tf.relu(x),
  rsqrt: (tf, x) => tf.rsqrt(x),
  sigmoid: (tf, x) => tf.sigmoid(x),
  sign: (tf, x) => tf.sign(x),
  sin: (tf, x) => tf.sin(x),
  softplus: (tf, x) => tf.softplus(x),
  sqrt: (tf, x) => tf.sqrt(x),
  square: (tf, x) => tf.square(x),
  tanh: (tf, x) => tf.tanh(x),
}

const BINARY: Record<BinaryFunction, (tf: Tf, a: Tensor, b: Tensor) => Tensor> = {
  add: (tf, a, b) => tf.add(a, b),
  sub: (tf, a, b) => tf.sub(a, b),
  mul: (tf, a, b) => tf.mul(a, b),
  div: (tf, a, b) => tf.div(a, b),
  max: (tf, a, b) => tf.maximum(a, b),
  min: (tf, a, b) => tf.minimum(a, b),
  pow: (tf, a, b) => tf.pow(a, b),
  equal: (tf, a, b) => detached(tf, () => tf.cast(tf.equal(a, b), 'float32')),
  less: (tf, a, b) => detached(tf, () => tf.cast(tf.less(a, b), 'float32')),
  less_equal: (tf, a, b) => detached(tf, () => tf.cast(tf.lessEqual(a, b), 'float32')),
}

const REDUCE: Record<ReduceFunction, (tf: Tf, x: Tensor, axes: number[]) => Tensor> = {
  sum: (tf, x, axes) => tf.sum(x, axes),
  max: (tf, x, axes) => tf.max(x, axes),
  min: (tf, x, axes) => tf.min(x, axes),
  prod: (tf, x, axes) => tf.prod(x, axes),
}

/**
 * A constant to the gradient tape, because its node there has no inputs. Comparisons need it: TensorFlow.js has no
 * gradients for them and would throw, even where none is asked for.
 */
function detached(tf: Tf, compute: () => Tensor): Tensor {
  return tf.customGrad(() => ({ value: compute(), gradFunc: () => [] }))()
}

function dtypeOf(value: Value): 'float32' | 'int32' {
  return value.dtype === 'f32' ? 'float32' : 'int32'
}

function pair([before, after]: readonly [number, number]): [number, number] {
  return [before, after]
}

/** A matrix without the leading axes of the other operand is one large product. */
function matmul(tf: Tf, value: Value<'matmul'>, a: Tensor, b: Tensor): Tensor {
  if (a.rank === 2 || b.rank > 2) return tf.matMul(a, b, value.transposeA, value.transposeB)
  const columns = a.shape.at(-1) ?? 0
  const rows = value.transposeA
    ? tf.transpose(
        a,
        a.shape.map((_, i) => (i < a.rank - 2 ? i : 2 * a.rank - 3 - i)),
      )
    : a
  const inner = value.transposeA ? (a.shape.at(-2) ?? 0) : columns
  return tf.reshape(tf.matMul(tf.reshape(rows, [-1, inner]), b, false, value.transposeB), [...value.shape])
}

type Convolution = Value<'convolution'>
type InputGradient = Value<'convolution_input_gradient'>

function convolution(tf: Tf, value: Convolution, x: Tensor, kernel: Tensor): Tensor {
  const padded = padSpatial(tf, x, value.padding)
  const spatial = x.rank - 2
  if (value.groups > 1) return groupedConvolution(tf, value, padded, kernel)
  if (spatial === 3) {
    return tf.conv3d(five(tf, padded), five(tf, kernel), triple(value.strides), 'valid')
  }
  const [image, filter] = [asImage(tf, padded), asImageKernel(tf, kernel)]
  const result = tf.conv2d(image, filter, couple(value.strides), 'valid')
  return tf.reshape(result, [...value.shape])
}

/** A depthwise convolution where each group is one channel, else one convolution a group. */
function groupedConvolution(tf: Tf, value: Convolution, x: Tensor, kernel: Tensor): Tensor {
  const perGroup = (kernel.shape.at(-1) ?? 0) / value.groups
  if (kernel.shape.at(-2) === 1 && x.rank <= 4) {
    const image = asImage(tf, x)
    const filter = asImageKernel(tf, kernel)
    const [height, width] = filter.shape
    const depthwise = tf.reshape(filter, [height, width, value.groups, perGroup])
    if (depthwise.rank !== 4) throw new Error('a depthwise kernel has four axes')
    const taps: tfjs.Tensor4D = tf.reshape(depthwise, [height, width, value.groups, perGroup])
    const result = tf.depthwiseConv2d(image, taps, couple(value.strides), 'valid')
    return tf.reshape(result, [...value.shape])
  }
  const inputs = tf.split(x, value.groups, -1)
  const kernels = tf.split(kernel, value.groups, -1)
  const single = {
    ...value,
    groups: 1,
    padding: value.padding.map((): [number, number] => [0, 0]),
    shape: value.shape.with(-1, perGroup),
  }
  const parts = inputs.flatMap((part, i) => {
    const filter = kernels[i]
    return filter === undefined ? [] : [convolution(tf, single, part, filter)]
  })
  return tf.concat(parts, -1)
}

/** Computed for the padded input, whose border is then cut off. */
function convolutionInputGradient(tf: Tf, value: InputGradient, dy: Tensor, kernel: Tensor): Tensor {
  if (value.groups > 1) {
    const single = {
      ...value,
      groups: 1,
      shape: value.shape.with(-1, (value.shape.at(-1) ?? 0) / value.groups),
    }
    const kernels = tf.split(kernel, value.groups, -1)
    const parts = tf.split(dy, value.groups, -1).flatMap((part, i) => {
      const filter = kernels[i]
      return filter === undefined ? [] : [convolutionInputGradient(tf, single, part, filter)]
    })
    return tf.concat(parts, -1)
  }
  const border = [[0, 0] as const, ...value.padding, [0, 0] as const]
  const padded = value.shape.map((length, i) => length + (border[i]?.[0] ?? 0) + (border[i]?.[1] ?? 0))
  const whole = transposed(tf, dy, kernel, padded, value.strides)
  return tf.slice(
    tf.reshape(whole, padded),
    border.map(([before]) => before),
    [...value.shape],
  )
}

function transposed(tf: Tf, dy: Tensor, kernel: Tensor, shape: number[], strides: Shape): Tensor {
  const [batch = 0, a = 0, b = 0, c = 0, d = 0] = shape
  if (dy.rank === 5) {
    return tf.conv3dTranspose(five(tf, dy), five(tf, kernel), [batch, a, b, c, d], triple(strides), 'valid')
  }
  const image: [number, number, number, number] = dy.rank === 3 ? [batch, 1, a, b] : [batch, a, b, c]
  return tf.conv2dTranspose(asImage(tf, dy), asImageKernel(tf, kernel), image, couple(strides), 'valid')
}

function pool(tf: Tf, value: Value<'pool'>, x: Tensor): Tensor {
  const spatial = x.rank - 2
  const most = value.function === 'max'
  const border = value.padding.some(([before, after]) => before > 0 || after > 0)
  const valid = (input: Tensor): Tensor => {
    if (spatial === 3) {
      const image = five(tf, input)
      const [size, strides] = [triple(value.size), triple(value.strides)]
      return most ? tf.maxPool3d(image, size, strides, 'valid') : tf.avgPool3d(image, size, strides, 'valid')
    }
    const image = asImage(tf, input)
    const [size, strides] = [couple(value.size), couple(value.strides)]
    const result = most
      ? tf.maxPool(image, size, strides, 'valid')
      : tf.avgPool(image, size, strides, 'valid')
    return tf.reshape(result, [...value.shape])
  }
  if (!border) return valid(x)
  if (most) return valid(padSpatial(tf, x, value.padding, -3.4e38))
  // The mean over the elements inside: sums divided by their number, both as averages over whole windows.
  const inside = valid(padSpatial(tf, tf.onesLike(x), value.padding))
  return tf.div(valid(padSpatial(tf, x, value.padding)), inside)
}

function padSpatial(tf: Tf, x: Tensor, padding: PoolGeometry['padding'], filler = 0): Tensor {
  if (padding.every(([before, after]) => before === 0 && after === 0)) return x
  return tf.pad(x, [[0, 0], ...padding.map(pair), [0, 0]], filler)
}

/** [batch, length, channels] as an image one row high; images as they are. */
function asImage(tf: Tf, x: Tensor): tfjs.Tensor4D {
  const [batch = 0, ...rest] = x.shape
  const [height = 0, width = 0, channels = 0] = rest.length === 2 ? [1, ...rest] : rest
  return tf.reshape(x, [batch, height, width, channels])
}

function asImageKernel(tf: Tf, kernel: Tensor): tfjs.Tensor4D {
  const [height = 0, width = 0, channels = 0, filters = 0] =
    kernel.rank === 3 ? [1, ...kernel.shape] : kernel.shape
  return tf.reshape(kernel, [height, width, channels, filters])
}

function five(tf: Tf, x: Tensor): tfjs.Tensor5D {
  const [a = 0, b = 0, c = 0, d = 0, e = 0] = x.shape
  return tf.reshape(x, [a, b, c, d, e])
}

function couple(lengths: Shape): [number, number] {
  const [first = 1, second] = lengths
  return second === undefined ? [1, first] : [first, second]
}

function triple(lengths: ConvolutionGeometry['strides']): [number, number, number] {
  const [a = 1, b = 1, c = 1] = lengths
  return [a, b, c]
}
