import { describe, expect, it } from 'vitest'

import { layers } from '../../../src/components/layers/index.ts'
import { buildGraph } from '../../../src/model/build.ts'

type Refusal = readonly [config: Record<string, unknown>, shapes: number[][], at: string, message: string]

/** What each layer refuses: the key that the message points at, and a part of the message. */
const REFUSED: readonly Refusal[] = [
  [{ type: 'dense', units: 2 }, [[]], '', 'its input has none'],
  [{ type: 'reshape', target_shape: [5] }, [[4]], 'target_shape', 'holds 5 elements'],
  [{ type: 'reshape', target_shape: [-1, 3] }, [[4]], 'target_shape', 'a multiple of 3'],
  [{ type: 'reshape', target_shape: [-1, -1] }, [[4]], 'target_shape', 'only one length'],
  [{ type: 'permute', dims: [2, 1] }, [[4]], 'dims', 'not an order of the axes of [4]'],
  [{ type: 'permute', dims: [1, 1] }, [[4, 3]], 'dims', 'not an order'],
  [{ type: 'permute', dims: [1, 3] }, [[4, 3]], 'dims', 'not an order'],
  [{ type: 'repeat_vector', n: 2 }, [[4, 3]], '', 'takes [features], got [4, 3]'],
  [{ type: 'repeat_vector', n: 2 }, [[]], '', 'takes [features], got []'],
  [{ type: 'embedding', input_dim: 3, output_dim: 2, mask_zero: true }, [[4, 3]], 'mask_zero', 'sequences'],
  [{ type: 'conv1d', filters: 2, kernel_size: 3 }, [[4]], '', 'conv1d takes [steps, channels], got [4]'],
  [{ type: 'conv1d', filters: 2, kernel_size: 5 }, [[4, 2]], 'kernel_size', 'does not fit'],
  [
    { type: 'conv1d', filters: 2, kernel_size: 3, dilation_rate: 2 },
    [[4, 2]],
    'dilation_rate',
    'does not fit',
  ],
  [{ type: 'conv2d', filters: 2, kernel_size: 3 }, [[28, 28]], '', 'takes [height, width, channels]'],
  [
    { type: 'conv2d', filters: 2, kernel_size: 3, strides: 2, dilation_rate: 2 },
    [[9, 9, 1]],
    'dilation_rate',
    'both',
  ],
  [{ type: 'conv2d', filters: 4, kernel_size: 3, groups: 2 }, [[9, 9, 3]], 'groups', 'do not divide'],
  [{ type: 'conv2d', filters: 3, kernel_size: 3, groups: 2 }, [[9, 9, 4]], 'groups', 'do not divide'],
  [{ type: 'conv3d', filters: 2, kernel_size: 3 }, [[9, 9, 1]], '', 'takes [depth, height, width, channels]'],
  [{ type: 'conv3d', filters: 2, kernel_size: 3 }, [[9, 9, 2, 1]], 'kernel_size', 'does not fit'],
  [{ type: 'conv2d_transpose', filters: 2, kernel_size: 3 }, [[9, 9]], '', 'takes [height, width, channels]'],
  [
    { type: 'conv2d_transpose', filters: 2, kernel_size: 3, strides: 2, output_padding: 2 },
    [[3, 3, 1]],
    'output_padding',
    'smaller than strides',
  ],
  [
    { type: 'conv2d_transpose', filters: 2, kernel_size: 3, strides: 2, dilation_rate: 2 },
    [[3, 3, 1]],
    'dilation_rate',
    'both',
  ],
  [
    { type: 'conv2d_transpose', filters: 2, kernel_size: 2, padding: 'same', output_padding: 0 },
    [[1, 3, 1]],
    'output_padding',
    'nothing is left',
  ],
  [{ type: 'separable_conv2d', filters: 2, kernel_size: 3 }, [[9, 9]], '', 'takes [height, width, channels]'],
  [{ type: 'separable_conv2d', filters: 2, kernel_size: 3 }, [[2, 9, 1]], 'kernel_size', 'does not fit'],
  [{ type: 'depthwise_conv2d', kernel_size: 3 }, [[9]], '', 'takes [height, width, channels]'],
  [
    { type: 'depthwise_conv2d', kernel_size: 3, strides: 2, dilation_rate: 3 },
    [[9, 9, 1]],
    'dilation_rate',
    'both',
  ],
  ...[1, 2, 3].flatMap((rank): Refusal[] => [
    [{ type: `max_pooling${rank}d` }, [[9]], '', `max_pooling${rank}d takes [`],
    [
      { type: `average_pooling${rank}d`, pool_size: 3 },
      [[...Array<number>(rank).fill(2), 1]],
      'pool_size',
      'does not fit',
    ],
  ]),
  [{ type: 'global_max_pooling1d' }, [[4]], '', 'takes [steps, channels]'],
  [{ type: 'global_average_pooling1d' }, [[4, 3, 2]], '', 'takes [steps, channels]'],
  [{ type: 'global_max_pooling2d' }, [[4, 3]], '', 'takes [height, width, channels]'],
  [{ type: 'global_average_pooling2d' }, [[4, 3]], '', 'takes [height, width, channels]'],
  [{ type: 'zero_padding2d' }, [[4, 3]], '', 'takes [height, width, channels]'],
  [{ type: 'cropping2d', cropping: 1 }, [[4, 3]], '', 'takes [height, width, channels]'],
  [
    {
      type: 'cropping2d',
      cropping: [
        [1, 2],
        [0, 0],
      ],
    },
    [[3, 3, 1]],
    'cropping',
    'nothing is left',
  ],
  [{ type: 'upsampling2d' }, [[4, 3]], '', 'takes [height, width, channels]'],
  [{ type: 'spatial_dropout1d', rate: 0.1 }, [[4]], '', 'takes [steps, channels]'],
  [{ type: 'dropout', rate: 0.1, noise_shape: [null, 1] }, [[4, 3]], 'noise_shape', 'does not broadcast'],
  [{ type: 'dropout', rate: 0.1, noise_shape: [32, 1, 1] }, [[4, 3]], 'noise_shape', 'does not broadcast'],
  [{ type: 'alpha_dropout', rate: 0.1, noise_shape: [null, 2] }, [[4]], 'noise_shape', 'does not broadcast'],
  [{ type: 'batch_normalization', axis: 0 }, [[4]], 'axis', 'would mix the rows of a batch'],
  [{ type: 'batch_normalization', axis: 2 }, [[4]], 'axis', 'needs more axes'],
  [{ type: 'batch_normalization' }, [[]], 'axis', 'would mix the rows of a batch'],
  [{ type: 'layer_normalization', axis: [1, -3] }, [[4, 3]], 'axis', 'would mix the rows of a batch'],
  [{ type: 'layer_normalization', axis: [1, 1] }, [[4, 3]], 'axis', 'twice'],
  [{ type: 'layer_normalization', axis: 3 }, [[4, 3]], 'axis', 'needs more axes'],
  [{ type: 'softmax', axis: 2 }, [[4]], 'axis', 'needs more axes'],
  [{ type: 'softmax', axis: [1, -1] }, [[4]], 'axis', 'twice'],
  [{ type: 'activation', activation: { type: 'softmax', axis: 2 } }, [[4]], 'activation', 'needs more axes'],
  [{ type: 'prelu', shared_axes: [1, 2] }, [[4]], 'shared_axes', 'has no axis 2'],
  [{ type: 'rescaling', scale: [1, 2] }, [[5, 3]], 'scale', '2 numbers for 3 channels'],
  [{ type: 'rescaling', scale: 2, offset: [1, 2, 3] }, [[5, 1]], 'offset', '3 numbers for 1 channel'],
  [{ type: 'add' }, [[4], [3]], 'from', 'one shape, got [4] and [3]'],
  [{ type: 'multiply' }, [[4, 3], [3]], 'from', 'one shape'],
  [{ type: 'subtract' }, [[4], [3]], 'from', 'one shape'],
  [{ type: 'subtract' }, [[4], [4], [4]], 'from', 'two inputs, got 3'],
  [{ type: 'dot', axes: 1 }, [[4], [4], [4]], 'from', 'two inputs, got 3'],
  [{ type: 'dot', axes: 1 }, [[4], [3]], 'axes', 'got 4 of [4] and 3 of [3]'],
  [{ type: 'dot', axes: [2, 2] }, [[4, 3], [3]], 'axes', 'needs more axes'],
  [{ type: 'dot', axes: 0 }, [[4], [4]], 'axes', 'would mix the rows of a batch'],
  [
    { type: 'concatenate' },
    [
      [4, 3],
      [3, 3],
    ],
    'from',
    'differ along axis -1 only',
  ],
  [{ type: 'concatenate' }, [[4, 3], [3]], 'from', 'differ along axis -1 only'],
  [{ type: 'concatenate', axis: 0 }, [[4], [4]], 'axis', 'axis 0'],
  [
    { type: 'concatenate', axis: 3 },
    [
      [4, 3],
      [4, 3],
    ],
    'axis',
    'axis 3',
  ],
]

describe('a layer refuses', () => {
  it.each(REFUSED.map((refusal) => [JSON.stringify(refusal.slice(0, 2)), refusal] as const))(
    '%s',
    (_name, [config, shapes, at, message]) => {
      const inputs = Object.fromEntries(shapes.map((shape, i) => [`x${i}`, shape]))
      const layer = layers.ref().parse({ ...config, from: Object.keys(inputs) })
      const [problem, ...others] = buildGraph({ inputs, layers: [layer] }).problems
      expect(others).toEqual([])
      expect(problem?.path).toEqual(['model', 'layers', 0, ...(at === '' ? [] : [at])])
      expect(problem?.message).toContain(message)
      expect(problem?.hint).toBeTruthy()
    },
  )

  it.each([
    ['dropout', { rate: 1.5 }],
    ['alpha_dropout', { rate: 1 }],
    ['gaussian_dropout', { rate: 1 }],
    ['gaussian_noise', { stddev: -1 }],
    ['conv2d', { filters: 2, kernel_size: [3, 3, 3] }],
    ['conv2d', { filters: 2, kernel_size: 3, padding: 'causal' }],
    ['conv2d', { filters: 2, kernel_size: 3, data_format: 'channels_first' }],
    ['conv2d_transpose', { filters: 2, kernel_size: 3, output_padding: -1 }],
    ['zero_padding2d', { padding: [1, 2, 3] }],
    ['cropping2d', { cropping: -1 }],
    ['upsampling2d', { interpolation: 'bicubic' }],
    ['embedding', { input_dim: 0, output_dim: 2 }],
    ['dot', { axes: [1, 2, 3] }],
    ['batch_normalization', { momentum: 1.5 }],
    ['batch_normalization', { axis: [1, 2] }],
    ['rescaling', {}],
    ['rescaling', { scale: [] }],
    ['permute', { dims: [] }],
    ['prelu', { shared_axes: [0] }],
  ])('%s with %j', (type, options) => {
    expect(layers.ref().safeParse({ type, ...options }).success).toBe(false)
  })
})
