// Matrix products and convolutions: what their kernels need, and their code.

import type { Value } from '../../../ir/ir.ts'
import type { Arithmetic } from '../../plan/arithmetic.ts'
import type { ElementProgram } from '../../plan/element-program.ts'
import { convolutionWindow, isProduct, matmulShape } from '../../plan/products.ts'
import type { Product } from '../../plan/products.ts'
import { suitsMachine, suitsTiles } from '../../plan/tile-machine.ts'
import { suitsWinograd } from '../../plan/winograd.ts'
import type { FunctionBuilder } from '../assembler/function-builder.ts'
import type { Partition } from '../emit/partition.ts'
import type { Epilogue } from '../emit/tile.ts'
import { emitKernelGradient, kernelGradientScratch } from './convolution-kernel-gradient.ts'
import type { KernelGradientSpec } from './convolution-kernel-gradient.ts'
import { convolution, convolutionInputGradient } from './convolution.ts'
import { emitGradientTiles, gradientTilesScratch } from './kernel-gradient-tiles.ts'
import { emitMatmul, matmulScratch } from './matmul/matmul.ts'
import type { ImportedMachine } from './machine.ts'
import type { TapSums } from './tap-sums.ts'
import { emitTapTiles, tapTilesScratch } from './tap-tiles.ts'
import { emitTapSums, tapScratch } from './taps.ts'
import { emitWinograd, winogradScratch } from './winograd/convolution.ts'
import type { WinogradSpec } from './winograd/convolution.ts'
import { emitWinogradKernelGradient, winogradKernelGradientScratch } from './winograd/kernel-gradient.ts'

/** Addresses, epilogues and arithmetic of a product. */
export type ProductContext = {
  readonly addressOf: (value: Value) => number
  readonly output: number
  readonly scratch: number
  readonly epilogue?: Epilogue | undefined
  /** The same for loops, see MatmulSpec. */
  readonly loopEpilogue?: Epilogue | undefined
  readonly elementProgram?: ElementProgram | undefined
  readonly arithmetic: Arithmetic
  readonly machine?: ImportedMachine | undefined
}

/** True if the kernel applies expressions to its results before it stores them. */
export function hasEpilogue(value: Value): boolean {
  return isProduct(value) && value.op !== 'convolution_kernel_gradient'
}

/** Bytes of scratch memory for each thread. */
export function productScratch(
  product: Product,
  { arithmetic, machine }: Pick<ProductContext, 'arithmetic' | 'machine'>,
): number {
  return kernelOf(product, { addressOf: () => 0, output: 0, scratch: 0, arithmetic, machine }).scratch
}

export function emitProduct(
  f: FunctionBuilder,
  product: Product,
  context: ProductContext,
  partition: Partition | undefined,
): void {
  kernelOf(product, context).emit(f, partition)
}

type ProductKernel = {
  readonly scratch: number
  readonly emit: (f: FunctionBuilder, partition: Partition | undefined) => void
}

function kernelOf(product: Product, context: ProductContext): ProductKernel {
  const { addressOf } = context
  if (product.op === 'matmul') {
    const shape = matmulShape(product)
    const machine = suitsMachine(shape) ? context.machine : undefined
    const spec = { ...context, ...shape, machine, a: addressOf(product.a), b: addressOf(product.b) }
    return {
      scratch: matmulScratch(spec, machine?.tiles),
      emit: (f, partition) => emitMatmul(f, spec, partition),
    }
  }
  const window = convolutionWindow(product)
  const fast = suitsWinograd(window)
  const machine = fast || suitsTiles(product) ? context.machine : undefined
  switch (product.op) {
    case 'convolution': {
      const { x, kernel } = product
      const spec = { ...context, machine, window, source: addressOf(x), kernel: addressOf(kernel) }
      return fast ? winograd({ ...spec, result: 'y' }) : taps(convolution(spec))
    }
    case 'convolution_input_gradient': {
      const { dy, kernel } = product
      const spec = { ...context, machine, window, source: addressOf(dy), kernel: addressOf(kernel) }
      return fast ? winograd({ ...spec, result: 'x' }) : taps(convolutionInputGradient(spec))
    }
    case 'convolution_kernel_gradient': {
      const { x, dy } = product
      const spec = { ...context, machine, window, x: addressOf(x), dy: addressOf(dy) }
      return fast ? winogradGradient(spec) : kernelGradient(spec)
    }
  }
}

function winograd(spec: WinogradSpec): ProductKernel {
  return { scratch: winogradScratch(spec), emit: (f, partition) => emitWinograd(f, spec, partition) }
}

function winogradGradient(spec: KernelGradientSpec): ProductKernel {
  return {
    scratch: winogradKernelGradientScratch(spec),
    emit: (f, partition) => emitWinogradKernelGradient(f, spec, partition),
  }
}

function kernelGradient(spec: KernelGradientSpec): ProductKernel {
  const { machine, window } = spec
  if (machine) {
    const emit: ProductKernel['emit'] = (f, partition) => emitGradientTiles(f, spec, machine, partition)
    return { scratch: gradientTilesScratch(spec, machine), emit }
  }
  const emit: ProductKernel['emit'] = (f, partition) => emitKernelGradient(f, spec, partition)
  return { scratch: kernelGradientScratch(window), emit }
}

function taps(sums: TapSums): ProductKernel {
  const { machine } = sums
  if (machine) {
    const emit: ProductKernel['emit'] = (f, partition) => emitTapTiles(f, sums, machine, partition)
    return { scratch: tapTilesScratch(sums, machine), emit }
  }
  return { scratch: tapScratch(sums), emit: (f, partition) => emitTapSums(f, sums, partition) }
}
