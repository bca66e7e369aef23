import * as z from 'zod'

import type { Builder } from '../../ir/builder.ts'
import type { Shape, Value } from '../../ir/ir.ts'
import type { Configured } from '../../registry.ts'
import type { ParameterSpec } from './layer.ts'
import { constraintOption, initializerOption, regularizerOption } from './options.ts'
import { paddingOf } from './window.ts'
import type { SlidingWindow } from './window.ts'

/** The options of a kernel for each channel. */
export function depthwiseOptions(kernel: string) {
  return {
    depth_multiplier: z
      .int()
      .positive()
      .default(1)
      .describe('Number of kernels, and so of outputs, for each channel'),
    depthwise_initializer: initializerOption(kernel, 'glorot_uniform'),
    depthwise_regularizer: regularizerOption(kernel),
    depthwise_constraint: constraintOption(kernel),
  }
}

type DepthwiseConfig = Configured<ReturnType<typeof depthwiseOptions>> & { readonly kernel_size: Shape }

/** The kernel of a layer with `depthwiseOptions`. */
export function depthwiseKernel(name: string, config: DepthwiseConfig, channels: number): ParameterSpec {
  return {
    name,
    shape: [...config.kernel_size, channels, config.depth_multiplier],
    initializer: config.depthwise_initializer,
    regularizer: config.depthwise_regularizer,
    constraint: config.depthwise_constraint,
  }
}

/** Convolves each channel separately: x [batch, height, width, channels], kernel [height, width, channels, multiplier]. */
export function convolveDepthwise(
  b: Builder,
  x: Value,
  kernel: Value,
  window: SlidingWindow & Required<Pick<SlidingWindow, 'dilation'>>,
): Value {
  const [height = 0, width = 0, channels = 0, multiplier = 0] = kernel.shape
  return b.convolution(x, b.reshape(kernel, [height, width, 1, channels * multiplier]), {
    strides: window.strides,
    dilation: window.dilation,
    padding: paddingOf(x.shape.slice(1, -1), window),
    groups: channels,
  })
}
