import type { Shape } from '../../../ir/ir.ts'
import type { Arithmetic } from '../../plan/arithmetic.ts'
import type { ElementProgram } from '../../plan/element-program.ts'
import { forwardTaps, inputGradientTaps, isDepthwise, lengthAt, paddingOf } from '../../plan/window.ts'
import type { AxisTaps, ConvolutionWindow } from '../../plan/window.ts'
import type { Epilogue } from '../emit/tile.ts'
import type { PaddedImage } from './image.ts'
import type { ImportedMachine } from './machine.ts'
import type { TapSums } from './tap-sums.ts'

/** Byte offsets of f32 buffers, and how to compute. */
export type ConvolutionSpec = {
  readonly window: ConvolutionWindow
  /** x, or dy for the input gradient. */
  readonly source: number
  readonly kernel: number
  readonly output: number
  readonly arithmetic: Arithmetic
  readonly machine?: ImportedMachine | undefined
  /** Address of `tapScratch(...)` bytes for each thread, thread 0 first. */
  readonly scratch: number
  readonly epilogue?: Epilogue | undefined
  /** The same for loops, and for a machine, see MatmulSpec. */
  readonly loopEpilogue?: Epilogue | undefined
  readonly elementProgram?: ElementProgram | undefined
}

/** y [batch, ...output, filters], for `emitTapSums`. */
export function convolution(spec: ConvolutionSpec): TapSums {
  const { input, output, channels, filters } = spec.window
  const axes = [[forwardTaps(spec.window, 0)], [forwardTaps(spec.window, 1)]] as const
  return tapSums(spec, [input, channels], [output, filters], axes, false)
}

/** dx [batch, ...input, channels], for `emitTapSums`. */
export function convolutionInputGradient(spec: ConvolutionSpec): TapSums {
  const { input, output, channels, filters } = spec.window
  const axes = [inputGradientTaps(spec.window, 0), inputGradientTaps(spec.window, 1)] as const
  return tapSums(spec, [output, filters], [input, channels], axes, true)
}

function tapSums(
  { window, source, kernel, output, ...others }: ConvolutionSpec,
  [from, depth]: readonly [Shape, number],
  [to, columns]: readonly [Shape, number],
  [vertical, horizontal]: readonly [readonly AxisTaps[], readonly AxisTaps[]],
  transposed: boolean,
): TapSums {
  const { batch, groups, size } = window
  return {
    batch,
    groups,
    depthwise: isDepthwise(window),
    source: imageOf(source, from, depth, horizontal),
    depth: depth / groups,
    columns: columns / groups,
    vertical,
    horizontal,
    kernel: { address: kernel, width: lengthAt(size, 1), transposed },
    output: { address: output, height: lengthAt(to, 0), width: lengthAt(to, 1) },
    ...others,
  }
}

/** The images that windows read, with the zeros that they reach beside the rows. */
export function imageOf(
  address: number,
  [height = 1, width = 1]: Shape,
  channels: number,
  horizontal: readonly AxisTaps[],
): PaddedImage {
  return { address, height, width, channels, padding: paddingOf(horizontal, width) }
}
