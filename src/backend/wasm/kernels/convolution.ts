import type { Arithmetic } from '../../plan/arithmetic.ts'
import { forwardTaps, inputGradientTaps, lengthAt, paddingOf } from '../../plan/window.ts'
import type { AxisTaps, ConvolutionWindow } from '../../plan/window.ts'
import type { Epilogue } from '../emit/tile.ts'
import type { PaddedImage } from './image.ts'
import type { TapSums } from './taps.ts'

/** Byte offsets of f32 buffers, and how to compute. */
export type ConvolutionSpec = {
  readonly window: ConvolutionWindow
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
  const { input, output, channels, filters } = spec.window
  return tapSums(spec, {
    from: { size: input, channels },
    to: { size: output, channels: filters },
    vertical: [forwardTaps(spec.window, 0)],
    horizontal: [forwardTaps(spec.window, 1)],
    transposed: false,
  })
}

/** dx [batch, ...input, channels], for `emitTapSums`. */
export function convolutionInputGradient(spec: ConvolutionSpec): TapSums {
  const { input, output, channels, filters } = spec.window
  return tapSums(spec, {
    from: { size: output, channels: filters },
    to: { size: input, channels },
    vertical: inputGradientTaps(spec.window, 0),
    horizontal: inputGradientTaps(spec.window, 1),
    transposed: true,
  })
}

type Images = { readonly size: readonly number[]; readonly channels: number }

function tapSums(
  { window, source, kernel, output, arithmetic, scratch, epilogue }: ConvolutionSpec,
  {
    from,
    to,
    vertical,
    horizontal,
    transposed,
  }: { readonly from: Images; readonly to: Images } & Pick<TapSums, 'vertical' | 'horizontal'> & {
      readonly transposed: boolean
    },
): TapSums {
  const { batch, groups } = window
  return {
    batch,
    groups,
    source: imageOf(source, from.size, from.channels, horizontal),
    depth: from.channels / groups,
    columns: to.channels / groups,
    vertical,
    horizontal,
    kernel: { address: kernel, width: lengthAt(window.size, 1), transposed },
    output: { address: output, height: lengthAt(to.size, 0), width: lengthAt(to.size, 1) },
    arithmetic,
    scratch,
    epilogue,
  }
}

/** The images that windows read, with the zeros that they reach beside the rows. */
export function imageOf(
  address: number,
  [height = 1, width = 1]: readonly number[],
  channels: number,
  horizontal: readonly AxisTaps[],
): PaddedImage {
  return { address, height, width, channels, padding: paddingOf(horizontal, width) }
}
