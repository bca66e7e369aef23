// Pooling over windows and over whole axes.
import { keepsAxes, reducedAxes } from '../evaluate.ts'
import { layerOf } from '../layer.ts'
import type { Layer } from '../layer.ts'
import { Refusal } from '../refusal.ts'
import { scalar } from '../tensor.ts'
import type { AppliedNode, Translate } from '../translation.ts'
import { arranged, BATCH, shapeOf } from '../view.ts'
import type { View } from '../view.ts'
import { asPadding, channelsFirst, ofRank, padsOf, short } from './convolution.ts'
import { scaled } from './elementwise.ts'
import { bordered, PADDING } from './shape.ts'
import type { Border } from './shape.ts'

export function pool(kind: 'max' | 'average'): Translate {
  return (operation) => {
    const { node } = operation
    const x = operation.view()
    const size = node.integers('kernel_shape') ?? []
    const rank = size.length
    const strides = ofRank(node.integers('strides'), rank)
    const dilation = ofRank(node.integers('dilations'), rank)
    if (dilation.some((length) => length !== 1)) throw new Refusal('dilations')
    if (node.outputs.length > 1) throw new Refusal('the places of the largest')
    const window = { size, strides, dilation }
    const own = padsOf(node, shapeOf(x).slice(2), window)
    const pads = withCeiling(operation, x, own, window)
    // What rounding up adds is no padding, and never counts.
    if (node.integer('count_include_pad', 0) !== 0 && pads.join() !== own.join())
      throw new Refusal('count_include_pad with ceil_mode')
    const [padding, image] = padded(operation, x, pads, window, kind)
    return channelsFirst(image, `${kind}_pooling${rank}d`, {
      options: {
        pool_size: short(size),
        ...(strides.some((stride, i) => stride !== size[i]) && { strides: short(strides) }),
        ...(padding !== 'valid' && { padding }),
      },
    })
  }
}

/** The mode of padding and the tensor that it is for; a border of zeros must count as ONNX counts it. */
function padded(
  { node }: AppliedNode,
  x: View,
  pads: readonly Border[],
  window: Parameters<typeof asPadding>[2],
  kind: 'max' | 'average',
): [string, View] {
  if (pads.flat().every((length) => length === 0)) return ['valid', x]
  if (kind === 'average' && node.integer('count_include_pad', 0) !== 0)
    return ['valid', bordered(x, [[0, 0], [0, 0], ...pads], PADDING)]
  const [padding, image] = asPadding(x, pads, window)
  if (padding === 'valid' && !(kind === 'max' && isPositive(x.layer)))
    throw new Refusal(`a border of [${pads.map((border) => border.join(', ')).join('], [')}]`)
  return [padding, image]
}

/** The padding with what rounding up the number of windows adds at the end. */
function withCeiling(
  { node }: AppliedNode,
  x: View,
  pads: readonly Border[],
  window: Parameters<typeof asPadding>[2],
): readonly Border[] {
  if (node.integer('ceil_mode', 0) === 0) return pads
  return shapeOf(x)
    .slice(2)
    .map((length, i): Border => {
      const [[before, after] = [0, 0], size = 1, stride = 1] = [pads[i], window.size[i], window.strides[i]]
      const rest = (length + before + after - size) % stride
      // A window that would begin behind the input is left out.
      const begins = Math.floor((length + before + after - size) / stride + 1) * stride
      return rest === 0 || begins >= length + before ? [before, after] : [before, after + stride - rest]
    })
}

const POSITIVE: ReadonlySet<unknown> = new Set([
  'relu',
  'relu6',
  'sigmoid',
  'softplus',
  'softmax',
  'exponential',
])

/** True where no element is below 0, so that zeros around them are never the largest. */
function isPositive({ type, options: { activation }, from }: Layer): boolean {
  const passes =
    ['reshape', 'flatten', 'permute', 'zero_padding2d', 'cropping2d'].includes(type) ||
    /_pooling\dd$/.test(type)
  if (passes || type === 'dropout') return from.every(isPositive)
  return type === 'activation' && POSITIVE.has(activation)
}

export function globalPool(kind: 'max' | 'average'): Translate {
  return (operation) => {
    const x = operation.view()
    const spatial = x.axes.map((_, axis) => axis).slice(2)
    return pooled(x, spatial, kind, true)
  }
}

/** The mean or the largest along some axes. */
export function reduce(kind: 'max' | 'average'): Translate {
  return (operation) => {
    const x = operation.view()
    const axes = reducedAxes(operation.node, operation.knownInputs(), x.axes.length)
    if (kind === 'average' && operation.isWhole(0)) throw new Refusal('a mean of whole numbers')
    return pooled(x, axes, kind, keepsAxes(operation.node))
  }
}

/** A global pooling layer over axes of a tensor: of images where these are two, else of sequences. */
function pooled(x: View, reduced: readonly number[], kind: 'max' | 'average', keepdims: boolean): View {
  const groups = reduced.map((axis) => x.axes[axis] ?? [])
  const kept = x.axes
    .flat()
    .filter((axis) => !groups.flat().includes(axis))
    .sort((a, b) => a - b)
  if (!kept.includes(BATCH)) throw new Refusal('it mixes rows of the batch')
  const rest = kept.filter((axis) => axis !== BATCH)
  const isImage = groups.length === 2 && rest.length <= 1
  const spatial = isImage ? groups : [groups.flat().toSorted((a, b) => a - b)]
  const layer = layerOf(`global_${kind}_pooling${isImage ? 2 : 1}d`, [
    arranged(x, [[BATCH], ...spatial, rest]),
  ])
  const lengths = [BATCH, ...rest].map((axis) => x.lengths[axis] ?? 1)
  const axes = x.axes.flatMap((group, at) => {
    if (reduced.includes(at)) return keepdims ? [[]] : []
    return [group.map((axis) => [BATCH, ...rest].indexOf(axis))]
  })
  return { layer, lengths, axes }
}

/** A sum along some axes: their mean, times their length. */
export function sum(operation: AppliedNode): View {
  const x = operation.view()
  const axes = reducedAxes(operation.node, operation.knownInputs(), x.axes.length)
  const count = axes.reduce((product, axis) => product * (shapeOf(x)[axis] ?? 1), 1)
  return scaled(pooled(x, axes, 'average', keepsAxes(operation.node)), scalar(count), scalar(0))
}
