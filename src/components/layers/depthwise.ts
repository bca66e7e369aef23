import type { Builder } from '../../ir/builder.ts'
import type { Value } from '../../ir/ir.ts'
import { paddingOf } from './window.ts'
import type { Window } from './window.ts'

/** Convolves each channel by itself: x [batch, height, width, channels], kernel [height, width, channels, multiplier]. */
export function convolveDepthwise(
  b: Builder,
  x: Value,
  kernel: Value,
  window: Window & Required<Pick<Window, 'dilation'>>,
): Value {
  const [height = 0, width = 0, channels = 0, multiplier = 0] = kernel.shape
  return b.convolution(x, b.reshape(kernel, [height, width, 1, channels * multiplier]), {
    strides: window.strides,
    dilation: window.dilation,
    padding: paddingOf(x.shape.slice(1, -1), window),
    groups: channels,
  })
}
