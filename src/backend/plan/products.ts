// Matrix products and convolutions: what their kernels need, and their code.

import { sizeOf } from '../../ir/ir.ts'
import type { Value } from '../../ir/ir.ts'
import type { Arithmetic } from '../wasm/emit/arithmetic.ts'
import type { FunctionBuilder } from '../wasm/assembler/assembler.ts'
import { emitKernelGradient, kernelGradientScratch } from '../wasm/kernels/convolution-kernel-gradient.ts'
import { convolution, convolutionInputGradient } from '../wasm/kernels/convolution.ts'
import { matmulScratch } from './matmul-plan.ts'
import { emitMatmul } from '../wasm/kernels/matmul.ts'
import type { Partition } from '../wasm/emit/partition.ts'
import { emitTapSums, tapScratch } from '../wasm/kernels/taps.ts'
import type { Epilogue } from '../wasm/emit/tile.ts'
import { windowOf } from '../wasm/kernels/window.ts'
import { suitsWinograd } from '../wasm/kernels/winograd/block.ts'
import { emitWinograd, winogradScratch } from '../wasm/kernels/winograd/convolution.ts'
import type { WinogradSpec } from '../wasm/kernels/winograd/convolution.ts'
import {
  emitWinogradKernelGradient,
  winogradKernelGradientScratch,
} from '../wasm/kernels/winograd/kernel-gradient.ts'

export type Product = Extract<
  Value,
  { op: 'matmul' | 'convolution' | 'convolution_input_gradient' | 'convolution_kernel_gradient' }
>

/** Where a product reads and writes. */
export type Place = {
  readonly addressOf: (value: Value) => number
  readonly output: number
  readonly scratch: number
  readonly epilogue?: Epilogue | undefined
  /** The same for loops, see MatmulSpec. */
  readonly loopEpilogue?: Epilogue | undefined
  readonly arithmetic: Arithmetic
}

export function isProduct(value: Value): value is Product {
  return value.op === 'matmul' || value.op.startsWith('convolution')
}

/** Whether the kernel applies expressions to its results before it stores them. */
export function hasEpilogue(value: Value): boolean {
  return isProduct(value) && value.op !== 'convolution_kernel_gradient'
}

/** Bytes of scratch memory for each thread. */
export function productScratch(product: Product, arithmetic: Arithmetic): number {
  return kernelOf(product, { addressOf: () => 0, output: 0, scratch: 0, arithmetic }).scratch
}

export function emitProduct(
  f: FunctionBuilder,
  product: Product,
  place: Place,
  partition: Partition | undefined,
): void {
  kernelOf(product, place).emit(f, partition)
}

type Kernel = {
  readonly scratch: number
  readonly emit: (f: FunctionBuilder, partition: Partition | undefined) => void
}

function kernelOf(product: Product, place: Place): Kernel {
  const { addressOf, output, scratch, arithmetic, epilogue, loopEpilogue } = place
  switch (product.op) {
    case 'matmul': {
      const { a, b, shape, transposeA, transposeB, parts = 1 } = product
      const spec = {
        a: addressOf(a),
        b: addressOf(b),
        output,
        scratch,
        batch: sizeOf(shape.slice(0, -2)),
        sharedB: b.shape.length === 2 && parts === 1,
        rows: shape.at(-2) ?? 1,
        columns: shape.at(-1) ?? 1,
        depth: (a.shape.at(transposeA ? -2 : -1) ?? 1) / parts,
        parts: parts > 1,
        transposeA,
        transposeB,
        arithmetic,
        epilogue,
        loopEpilogue,
      }
      return { scratch: matmulScratch(spec), emit: (f, partition) => emitMatmul(f, spec, partition) }
    }
    case 'convolution': {
      const { x, kernel, shape } = product
      const window = windowOf(x.shape, kernel.shape, shape, product)
      const spec = { ...place, window, source: addressOf(x), kernel: addressOf(kernel) }
      if (suitsWinograd(window)) return winograd({ ...spec, result: 'y' })
      const sums = convolution(spec)
      return { scratch: tapScratch(sums), emit: (f, partition) => emitTapSums(f, sums, partition) }
    }
    case 'convolution_input_gradient': {
      const { dy, kernel, shape } = product
      const window = windowOf(shape, kernel.shape, dy.shape, product)
      const spec = { ...place, window, source: addressOf(dy), kernel: addressOf(kernel) }
      if (suitsWinograd(window)) return winograd({ ...spec, result: 'x' })
      const sums = convolutionInputGradient(spec)
      return { scratch: tapScratch(sums), emit: (f, partition) => emitTapSums(f, sums, partition) }
    }
    case 'convolution_kernel_gradient': {
      const { x, dy, shape } = product
      const window = windowOf(x.shape, shape, dy.shape, product)
      const spec = { window, x: addressOf(x), dy: addressOf(dy), output, arithmetic, scratch }
      if (suitsWinograd(window)) {
        return {
          scratch: winogradKernelGradientScratch(spec),
          emit: (f, partition) => emitWinogradKernelGradient(f, spec, partition),
        }
      }
      return {
        scratch: kernelGradientScratch(window),
        emit: (f, partition) => emitKernelGradient(f, spec, partition),
      }
    }
  }
}

function winograd(spec: WinogradSpec): Kernel {
  return {
    scratch: winogradScratch(spec),
    emit: (f, partition) => emitWinograd(f, spec, partition),
  }
}
