// Convolutions, whose weights ONNX has as [filters, channels, ...spatial] and nnlab as [...spatial, channels, filters].
import { paddingOf } from '../../../../components/layers/window.ts'
import { positions, stridesOf } from '../../../../ir/interpreter/elements.ts'
import { sizeOf } from '../../../../ir/ir.ts'
import type { Shape } from '../../../../ir/ir.ts'
import type { OnnxNode } from '../graph.ts'
import { Refusal } from '../refusal.ts'
import type { KnownTensor } from '../tensor.ts'
import type { AppliedNode } from '../translation.ts'
import { perRow, shapeOf } from '../view.ts'
import type { View } from '../view.ts'
import type { LayerParts } from '../layer.ts'
import { bordered, CROPPING, PADDING } from './shape.ts'
import type { Border } from './shape.ts'

/** Elements of the whole kernel that a transposed convolution in groups becomes, at most. */
const MOST_ELEMENTS = 2 ** 22

export function conv(operation: AppliedNode): View {
  const { node } = operation
  const x = operation.view()
  const kernel = operation.requireKnown(1)
  const [filters = 0, channels = 0, ...size] = kernel.shape
  const rank = size.length
  const groups = node.integer('group', 1)
  const strides = ofRank(node.integers('strides'), rank)
  const dilation = ofRank(node.integers('dilations'), rank)
  const [padding, image] = asPadding(x, padsOf(node, shapeOf(x).slice(2), { size, strides, dilation }), {
    size,
    strides,
    dilation,
  })
  const bias = biasOf(operation)
  const shared = {
    kernel_size: short(size),
    ...unlessOne('strides', strides),
    ...unlessOne('dilation_rate', dilation),
    ...(padding !== 'valid' && { padding }),
    ...(bias === undefined && { use_bias: false }),
  }
  const label = operation.label(1)
  if (rank === 2 && groups > 1 && channels === 1 && shapeOf(x)[1] === groups) {
    const depth_multiplier = filters / groups
    return channelsFirst(image, 'depthwise_conv2d', {
      options: { ...shared, ...(depth_multiplier !== 1 && { depth_multiplier }) },
      // A filter of channel c is c * multiplier + m.
      weights: { kernel: spatialFirst(kernel, 0, 1), ...bias },
      label,
    })
  }
  return channelsFirst(image, `conv${rank}d`, {
    options: { filters, ...shared, ...(groups !== 1 && { groups }) },
    weights: { kernel: spatialFirst(kernel, 1, 0), ...bias },
    label,
  })
}

/** A transposed convolution, whole, and what its padding cuts off; steps are images of one column. */
export function convTranspose(operation: AppliedNode): View {
  const { node } = operation
  const given = operation.view()
  const { shape, data } = ungrouped(operation.requireKnown(1), node.integer('group', 1))
  const isOfSteps = shape.length === 3
  const x = isOfSteps ? { ...given, axes: [...given.axes, []] } : given
  const kernel = isOfSteps ? { shape: [...shape, 1], data } : { shape, data }
  const [, filters = 0, ...size] = kernel.shape
  if (size.length !== 2) throw new Refusal(`${size.length} spatial axes`)
  const alongBoth = (lengths: readonly number[] | undefined, length: number): readonly number[] =>
    lengths ? [...lengths, length].slice(0, 2) : [length, length]
  if (node.has('output_shape') || !['NOTSET', 'VALID'].includes(node.text('auto_pad', 'NOTSET')))
    throw new Refusal('padding that follows from the output')
  const strides = alongBoth(node.integers('strides'), 1)
  const dilation = alongBoth(node.integers('dilations'), 1)
  const pads = node.integers('pads')
  const half = (pads?.length ?? 0) / 2
  const [before, after] = [alongBoth(pads?.slice(0, half), 0), alongBoth(pads?.slice(half), 0)]
  const extra = alongBoth(node.integers('output_padding'), 0)
  const bias = biasOf(operation)
  const reach = size.map((taps, i) => (taps - 1) * (dilation[i] ?? 1) + 1)
  const spatial = shapeOf(x).slice(2)
  // With `valid`, strides longer than the kernel leave rows of zeros behind it.
  const borders = spatial.map((_, i): Border => {
    const behind = Math.max(0, (strides[i] ?? 1) - (reach[i] ?? 1))
    return [before[i] ?? 0, behind + (after[i] ?? 0) - (extra[i] ?? 0)]
  })
  const isSame = spatial.every((_, i) => {
    const total = (reach[i] ?? 1) - (strides[i] ?? 1)
    const [before, after] = borders[i] ?? [0, 0]
    return total >= 0 && before === Math.floor(total / 2) && after === Math.ceil(total / 2)
  })
  const isLarger = borders.every(([before, after]) => before === 0 && after < 0)
  const output_padding = extra
  const whole = channelsFirst(x, 'conv2d_transpose', {
    options: {
      filters,
      kernel_size: short(size),
      ...unlessOne('strides', strides),
      ...unlessOne('dilation_rate', dilation),
      ...(isSame && { padding: 'same' }),
      ...(isLarger && { output_padding }),
      ...(bias === undefined && { use_bias: false }),
    },
    weights: { kernel: spatialFirst(kernel, 1, 0), ...bias },
    label: operation.label(1),
  })
  const made = isSame || isLarger ? whole : bordered(whole, [[0, 0], [0, 0], ...borders], CROPPING)
  return isOfSteps ? { ...made, axes: made.axes.slice(0, -1) } : made
}

/** The kernel [channels, filters, ...size] of a transposed convolution in groups as one of all, with zeros between groups. */
function ungrouped(kernel: KnownTensor, groups: number): KnownTensor {
  if (groups === 1) return kernel
  const [channels = 0, filters = 0, ...size] = kernel.shape
  const shape = [channels, filters * groups, ...size]
  if (!(groups > 0) || channels % groups > 0) throw new Refusal(`${channels} channels in ${groups} groups`)
  if (sizeOf(shape) > MOST_ELEMENTS) throw new Refusal(`a kernel of ${groups} groups`)
  const [data, length] = [new Float32Array(sizeOf(shape)), filters * sizeOf(size)]
  for (let i = 0; i < channels; i++) {
    const group = Math.floor((i * groups) / channels)
    data.set(kernel.data.subarray(i * length, (i + 1) * length), (i * groups + group) * length)
  }
  return { shape, data }
}

/** A layer of images with channels last, for a tensor [rows, channels, ...spatial]. */
export function channelsFirst(x: View, type: string, parts: LayerParts): View {
  const [batch = [], channels = [], ...spatial] = x.axes
  const { kept, own, view } = perRow(x, [...spatial, channels], type, parts)
  return view([kept(batch), own.at(-1) ?? [], ...own.slice(0, -1)])
}

type KernelWindow = { readonly size: Shape; readonly strides: Shape; readonly dilation: Shape }

/** The padding before and after each spatial axis. */
export function padsOf(node: OnnxNode, spatial: Shape, window: KernelWindow): Border[] {
  const pads = node.integers('pads')
  const mode = node.text('auto_pad', 'NOTSET')
  if (mode === 'VALID') return spatial.map((): Border => [0, 0])
  if (!mode.startsWith('SAME'))
    return spatial.map((_, i): Border => [pads?.[i] ?? 0, pads?.[i + spatial.length] ?? 0])
  const same = paddingOf(spatial, { ...window, padding: 'same' })
  return same.map(([before, after]): Border => (mode === 'SAME_LOWER' ? [after, before] : [before, after]))
}

/** The mode of padding, and the tensor that it is for: padded with zeros by a layer where no mode pads so. */
export function asPadding(x: View, pads: readonly Border[], window: KernelWindow): [string, View] {
  const spatial = shapeOf(x).slice(2)
  const modes =
    window.size.length === 1 ? (['valid', 'same', 'causal'] as const) : (['valid', 'same'] as const)
  const mode = modes.find((padding) =>
    paddingOf(spatial, { ...window, padding }).every(
      ([before, after], i) => before === pads[i]?.[0] && after === pads[i][1],
    ),
  )
  return mode === undefined ? ['valid', bordered(x, [[0, 0], [0, 0], ...pads], PADDING)] : [mode, x]
}

function biasOf(operation: AppliedNode): { readonly bias: Float32Array } | undefined {
  const tensor = operation.known(2)
  return tensor && { bias: Float32Array.from(tensor.data) }
}

/** Weights [a, b, ...spatial] with the spatial axes first, then one of the others, then the other. */
function spatialFirst({ shape, data }: KnownTensor, first: 0 | 1, second: 0 | 1): Float32Array {
  const order = [...shape.slice(2).map((_, i) => i + 2), first, second]
  const strides = stridesOf(shape)
  const at = positions(
    order.map((axis) => shape[axis] ?? 0),
    order.map((axis) => strides[axis] ?? 0),
  )
  return Float32Array.from(at, (place) => data[place] ?? NaN)
}

export function ofRank(lengths: readonly number[] | undefined, rank: number): readonly number[] {
  return lengths ?? Array.from({ length: rank }, () => 1)
}

/** One number for all axes where they are alike. */
export function short(lengths: readonly number[]): number | readonly number[] {
  const [first = 1] = lengths
  return lengths.every((length) => length === first) ? first : lengths
}

function unlessOne(option: string, lengths: readonly number[]): Record<string, unknown> {
  return lengths.every((length) => length === 1) ? {} : { [option]: short(lengths) }
}
