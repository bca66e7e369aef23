// Convolutions and pools: those of LiteRT have two spatial axes, and padding that is `same` or none.
import { sizeOf } from '../../ir/ir.ts'
import type { Padding, Shape, Value } from '../../ir/ir.ts'
import { sizesOf } from '../batch.ts'
import type { Length } from '../batch.ts'
import type { OperatorRanges } from '../int8.ts'
import { fixed, product, reshape } from './lengths.ts'
import type { ModelWriter, LitertTensor } from './model.ts'
import { writeProduct } from './product.ts'
import type { AddedBias, LitertWriting } from './writing.ts'

const SAME = 0
const VALID = 1

export function convolution(
  value: Value<'convolution'>,
  writing: LitertWriting,
  added?: AddedBias,
): LitertTensor {
  const { x, kernel, strides, dilation, padding, groups } = value
  const { model, tensorOf, lengthsOf, rangesOf } = writing
  const weights = kernelOf(kernel, writing)
  const [spatial, reach] = [x.shape.slice(1, -1), reachOf(kernel.shape.slice(0, -2), dilation)]
  const isSame = isSamePadding(spatial, reach, strides, padding)
  const input = isSame ? tensorOf(x) : padded(model, tensorOf(x), padding)
  const ranges = rangesOf(x, added?.sum ?? value)
  const geometry = { strides, dilation, padding: isSame ? SAME : VALID, groups, ranges }
  return convolve(
    model,
    input,
    { shape: kernel.shape, weights, bias: added?.bias },
    geometry,
    lengthsOf(value),
  )
}

/** The gradient of a convolution to its input: a convolution, with the kernel turned round, of dy with zeros between. */
export function transposedConvolution(
  value: Value<'convolution_input_gradient'>,
  writing: LitertWriting,
): LitertTensor {
  const { dy, kernel, strides, dilation, padding, groups, shape } = value
  const { model, tensorOf, lengthsOf, rangesOf } = writing
  if (groups !== 1) throw new Error('a transposed convolution has no groups')
  const reach = reachOf(kernel.shape.slice(0, -2), dilation)
  let image = tensorOf(dy)
  for (const [i, stride] of strides.entries()) image = spread(model, image, i + 1, stride)
  const margins = strides.map((stride, i): [number, number] => {
    const before = (reach[i] ?? 1) - 1 - (padding[i]?.[0] ?? 0)
    const wanted = (shape[i + 1] ?? 0) + (reach[i] ?? 1) - 1
    return [before, wanted - before - (dy.shape[i + 1] ?? 0) * stride]
  })
  const turned = turnedKernel(kernelOf(kernel, writing), kernel.shape)
  const ranges = rangesOf(dy, value)
  const geometry = { strides: strides.map(() => 1), dilation, padding: VALID, groups: 1, ranges }
  return convolve(model, margined(model, image, margins), turned, geometry, lengthsOf(value))
}

export function pool(value: Value<'pool'>, { model, tensorOf, lengthsOf }: LitertWriting): LitertTensor {
  const { x, size, strides, padding } = value
  const padding_ = isSamePadding(x.shape.slice(1, -1), size, strides, padding) ? SAME : VALID
  if (padding_ === VALID && padding.flat().some((count) => count !== 0))
    throw new Error('a pool is padded as `same` or not at all')
  const name = value.function === 'max' ? 'MAX_POOL_2D' : 'AVERAGE_POOL_2D'
  const along = (input: LitertTensor, at: Shape, lengths: readonly Length[]): LitertTensor => {
    const [h = 0, w = 0] = at
    return model.node(
      name,
      [input],
      { lengths },
      {
        padding: padding_,
        stride_h: strides[h] ?? 1,
        stride_w: strides[w] ?? 1,
        filter_height: size[h] ?? 1,
        filter_width: size[w] ?? 1,
      },
    )
  }
  const lengths = lengthsOf(value)
  const image = tensorOf(x)
  if (size.length === 2) return along(image, [0, 1], lengths)
  const own = lengthsOf(x)
  if (size.length === 1) {
    const flat = along(reshape(model, image, withRow(own)), [-1, 0], withRow(lengths))
    return reshape(model, flat, lengths)
  }
  // The last two axes, then the first one.
  const [batch, depth, , , channels] = own
  const [, , height, width] = lengths
  if (!batch || !depth || !channels || !height || !width) throw new Error('a pool has up to three axes')
  const planes = reshape(model, image, [product([batch, depth]), ...own.slice(2)])
  const pooled = along(planes, [1, 2], [product([batch, depth]), height, width, channels])
  const columns = reshape(model, pooled, [batch, depth, product([height, width]), channels])
  const [, first] = lengths
  const whole = along(columns, [0, -1], [batch, first ?? depth, product([height, width]), channels])
  return reshape(model, whole, lengths)
}

type ConvolutionKernel = {
  readonly shape: Shape
  readonly weights: ArrayLike<number>
  readonly bias?: Float32Array | undefined
}

type WindowGeometry = {
  readonly strides: Shape
  readonly dilation: Shape
  readonly padding: number
  readonly groups: number
  readonly ranges: OperatorRanges | undefined
}

function kernelOf(kernel: Value, { knownOf }: LitertWriting): ArrayLike<number> {
  const weights = knownOf(kernel)
  if (weights === undefined) throw new Error('a kernel is known')
  return weights
}

/** A convolution of one or two spatial axes, as the IR has them; the kernel is [...window, channels / groups, filters]. */
function convolve(
  model: ModelWriter,
  x: LitertTensor,
  { shape, weights, bias }: ConvolutionKernel,
  { strides, dilation, ...geometry }: WindowGeometry,
  lengths: readonly Length[],
): LitertTensor {
  const { padding, groups, ranges } = geometry
  const window = shape.slice(0, -2)
  const [depth = 0, filters = 0] = shape.slice(-2)
  if (window.length === 1) {
    const flat = reshape(model, x, withRow(model.lengthsOf(x)))
    const flatGeometry = { ...geometry, strides: [1, ...strides], dilation: [1, ...dilation] }
    const wide = { shape: [1, ...shape], weights, bias }
    return reshape(model, convolve(model, flat, wide, flatGeometry, withRow(lengths)), lengths)
  }
  // Some kernels of these operators need a bias.
  const added = bias ?? new Float32Array(filters)
  const [stride_h = 1, stride_w = 1] = strides
  const [dilation_h = 1, dilation_w = 1] = dilation
  const options = { padding, stride_h, stride_w, dilation_h, dilation_w }
  const product =
    groups > 1 && depth === 1
      ? {
          name: 'DEPTHWISE_CONV_2D' as const,
          shape: [1, ...window, filters],
          weights: Float32Array.from(weights),
          axis: 3,
          options: { ...options, depth_multiplier: filters / groups },
        }
      : {
          name: 'CONV_2D' as const,
          shape: [filters, ...window, depth],
          weights: filtersFirst(weights, filters),
          axis: 0,
          options,
        }
  return writeProduct(model, x, { ...product, bias: added }, lengths, ranges)
}

function filtersFirst(weights: ArrayLike<number>, filters: number): Float32Array {
  const size = weights.length / filters
  return Float32Array.from(
    { length: weights.length },
    (_, i) => weights[(i % size) * filters + Math.floor(i / size)] ?? NaN,
  )
}

/** [...window, channels, filters] with its spatial axes reversed, as [...window, filters, channels]. */
function turnedKernel(weights: ArrayLike<number>, shape: Shape): ConvolutionKernel {
  const [channels = 0, filters = 0] = shape.slice(-2)
  const [window, size] = [shape.slice(0, -2), channels * filters]
  const places = sizeOf(window)
  const turned = Float32Array.from({ length: weights.length }, (_, i) => {
    const [place, rest] = [Math.floor(i / size), i % size]
    const [filter, channel] = [Math.floor(rest / channels), rest % channels]
    return weights[(places - 1 - place) * size + channel * filters + filter] ?? NaN
  })
  return { shape: [...window, filters, channels], weights: turned }
}

function reachOf(window: Shape, dilation: Shape): number[] {
  return window.map((length, i) => (length - 1) * (dilation[i] ?? 1) + 1)
}

function isSamePadding(spatial: Shape, reach: Shape, strides: Shape, padding: Padding): boolean {
  return spatial.every((length, i) => {
    const stride = strides[i] ?? 1
    const total = Math.max((Math.ceil(length / stride) - 1) * stride + (reach[i] ?? 1) - length, 0)
    const [before, after] = padding[i] ?? [0, 0]
    return before === Math.floor(total / 2) && before + after === total
  })
}

/** [rows, 1, length, channels] in the place of [rows, length, channels]. */
function withRow(lengths: readonly Length[]): Length[] {
  return lengths.toSpliced(1, 0, { fixed: 1 })
}

/** Zeros around the spatial axes. */
function padded(model: ModelWriter, x: LitertTensor, padding: Padding): LitertTensor {
  if (padding.flat().every((count) => count === 0)) return x
  const all = [[0, 0], ...padding, [0, 0]]
  const lengths = model.lengthsOf(x).map((length, axis): Length => {
    const [before = 0, after = 0] = all[axis] ?? []
    return 'rows' in length ? length : { fixed: length.fixed + before + after }
  })
  const paddings = model.constant([all.length, 2], Int32Array.from(all.flat()))
  return model.node('PADV2', [x, paddings, model.constant([], Float32Array.of(0))], { lengths })
}

/** Padded by the margins, or cut where they are negative. */
function margined(
  model: ModelWriter,
  x: LitertTensor,
  margins: readonly (readonly [number, number])[],
): LitertTensor {
  const wide = padded(
    model,
    x,
    margins.map(([before, after]) => [Math.max(before, 0), Math.max(after, 0)]),
  )
  if (margins.flat().every((margin) => margin >= 0)) return wide
  const begins = [0, ...margins.map(([before]) => Math.max(-before, 0)), 0]
  const lengths = model.lengthsOf(wide).map((length, axis): Length => {
    const [before, after] = margins[axis - 1] ?? [0, 0]
    return 'rows' in length ? length : { fixed: length.fixed + Math.min(before, 0) + Math.min(after, 0) }
  })
  return model.node('SLICE', [wide, model.integers(begins), model.integers(sizesOf(lengths))], { lengths })
}

/** Zeros after each element along an axis, so that it becomes `stride` times as long. */
function spread(model: ModelWriter, x: LitertTensor, axis: number, stride: number): LitertTensor {
  if (stride === 1) return x
  const own = model.lengthsOf(x)
  const [before, after] = [product(own.slice(0, axis + 1)), product(own.slice(axis + 1))]
  const apart = reshape(model, x, [before, ...fixed(1), after])
  const paddings = model.constant([3, 2], Int32Array.of(0, 0, 0, stride - 1, 0, 0))
  const zero = model.constant([], Float32Array.of(0))
  const lengths = [before, ...fixed(stride), after]
  const wide = model.node('PADV2', [apart, paddings, zero], { lengths })
  const length = product([own[axis] ?? { fixed: 1 }, { fixed: stride }])
  return reshape(model, wide, own.toSpliced(axis, 1, length))
}
