import type { Arithmetic } from '../../plan/arithmetic.ts'
import { at, forwardTaps, inputGradientTaps, paddingOf } from '../../plan/window.ts'
import type { AxisTaps, Window } from '../../plan/window.ts'
import type { Epilogue } from '../emit/tile.ts'
import type { Image } from './image.ts'
import type { TapSums } from './taps.ts'

/** Byte offsets of f32 buffers, and how to compute. */
export type ConvolutionSpec = {
  readonly window: Window
  /** x, or dy for the input gradient. */
  readonly source: number
  readonly kernel: number
  readonly output: number
  readonly arithmetic: Arithmetic
  /** Address of `tapScratch(...)` bytes for each thread, thread 0 first. */
  readonly scratch: number
  readonly epilogue?: Epilogue | undefined
}

/** y [batch, ...output, filters], for `emitTapSums`. */
export function convolution(spec: ConvolutionSpec): TapSums {
  const { window } = spec
  const [vertical, horizontal] = [[forwardTaps(window, 0)], [forwardTaps(window, 1)]]
  return {
    ...common(spec),
    source: imageOf(spec.source, window.input, window.channels, horizontal),
    depth: window.channels / window.groups,
    columns: window.filters / window.groups,
    vertical,
    horizontal,
    kernel: { address: spec.kernel, width: at(window.size, 1), transposed: false },
    output: { address: spec.output, height: at(window.output, 0), width: at(window.output, 1) },
  }
}

/** dx [batch, ...input, channels], for `emitTapSums`. */
export function convolutionInputGradient(spec: ConvolutionSpec): TapSums {
  const { window } = spec
  const [vertical, horizontal] = [inputGradientTaps(window, 0), inputGradientTaps(window, 1)]
  return {
    ...common(spec),
    source: imageOf(spec.source, window.output, window.filters, horizontal),
    depth: window.filters / window.groups,
    columns: window.channels / window.groups,
    vertical,
    horizontal,
    kernel: { address: spec.kernel, width: at(window.size, 1), transposed: true },
    output: { address: spec.output, height: at(window.input, 0), width: at(window.input, 1) },
  }
}

function common({ window, arithmetic, scratch, epilogue }: ConvolutionSpec) {
  return { batch: window.batch, groups: window.groups, arithmetic, scratch, epilogue }
}

/** The images that windows read, with the zeros that they reach beside the rows. */
export function imageOf(
  address: number,
  [height = 1, width = 1]: readonly number[],
  channels: number,
  horizontal: readonly AxisTaps[],
): Image {
  return { address, height, width, channels, padding: paddingOf(horizontal, width) }
}
