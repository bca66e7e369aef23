// The kernel gradient of a 3x3 convolution in Winograd's domain. Threads share the panels of filters: the images of
// the batch add up in one order, block after block, whatever the number of threads.

import { KERNEL, tilingOf } from '../../../plan/winograd.ts'
import type { FunctionBuilder, Integer } from '../../assembler/function-builder.ts'
import { advance, clearBytes, setLinear } from '../../emit/integers.ts'
import { share } from '../../emit/partition.ts'
import type { Partition, PieceRange } from '../../emit/partition.ts'
import type { KernelGradientSpec } from '../convolution-kernel-gradient.ts'
import { emitProducts, emitSource, openBlock, squareAt, inputSource, layoutBytes } from './block.ts'
import { outputSource, panelLayout, panelWidth, rowLayout, sourceBytes } from './block.ts'
import { collect, emitTransform, TEMPORARY_BYTES } from './transform.ts'

/** Filters from which wide panels are enough for threads to share. */
const MANY_FILTERS = 64

function planOf({ window, x, dy, machine }: Pick<KernelGradientSpec, 'window' | 'x' | 'dy' | 'machine'>) {
  const { channels, filters } = window
  const tiling = tilingOf(window)
  const [input, output] = [inputSource(window, tiling, x), outputSource(window, tiling, dy)]
  const inputLayout = rowLayout(tiling.tiles, channels)
  const width = panelWidth(filters, channels, filters < MANY_FILTERS ? undefined : machine)
  const outputLayout = panelLayout(tiling.tiles, width)
  const sumLayout = panelLayout(channels, width)
  const paddedInput = (TEMPORARY_BYTES + 63) & ~63
  const paddedOutput = paddedInput + sourceBytes(input)
  const inputs = paddedOutput + sourceBytes(output)
  const outputs = inputs + layoutBytes(inputLayout, channels)
  const sums = outputs + layoutBytes(outputLayout, filters)
  const end = sums + layoutBytes(sumLayout, filters)
  const offsets = { paddedInput, paddedOutput, inputs, outputs, sums, end }
  return { tiling, width, input, output, inputLayout, outputLayout, sumLayout, offsets }
}

/** Bytes of scratch memory that each thread needs. */
export function winogradKernelGradientScratch(spec: KernelGradientSpec): number {
  return planOf(spec).offsets.end
}

export function emitWinogradKernelGradient(
  f: FunctionBuilder,
  spec: KernelGradientSpec,
  partition?: Partition,
): void {
  const kernel = kernelOf(f, spec, partition)
  const { tiling, width, input, output, offsets, at } = kernel
  const mine = share(f, spec.window.filters / width, partition)
  clearBytes(f, at.paddedInput, sourceBytes(input))
  clearBytes(f, at.paddedOutput, sourceBytes(output))
  clearBytes(f, at.sums, offsets.end - offsets.sums)
  f.for(at.index, 0, spec.window.batch / tiling.images, 1, () => {
    setLinear(f, at.first, 0, [at.index, tiling.images])
    sumBlock(kernel, mine)
  })
  f.for(at.panel, mine.from, mine.to, 1, () => storePanel(kernel))
}

/** The function being written, what it computes, and its locals. */
type WinogradGradient = ReturnType<typeof kernelOf>

function kernelOf(f: FunctionBuilder, spec: KernelGradientSpec, partition: Partition | undefined) {
  const plan = planOf(spec)
  const { tiling, offsets } = plan
  const at = f.integers(
    'scratch',
    'index',
    'first',
    'panel',
    'channel',
    'vector',
    'panelSums',
    'panelOutputs',
  )
  const ends = f.integers('from', 'to')
  const block = openBlock(f, tiling, at.scratch, spec, offsets.end, partition)
  const part = (offset: number): Integer => {
    const local = f.local('i32')
    setLinear(f, local, offset, [at.scratch, 1])
    return local
  }
  const parts = {
    paddedInput: part(offsets.paddedInput),
    paddedOutput: part(offsets.paddedOutput),
    inputs: part(offsets.inputs),
    outputs: part(offsets.outputs),
    sums: part(offsets.sums),
  }
  return { ...plan, f, spec, block, at: { ...at, ...ends, ...parts } }
}

/** Adds the products of one block of images to the sums of this thread's panels. */
function sumBlock({ f, spec, block, at, ...plan }: WinogradGradient, mine: PieceRange): void {
  const { tiling, inputLayout, outputLayout, sumLayout } = plan
  const { first } = at
  const images = { source: plan.input, first, padded: at.paddedInput, target: at.inputs, layout: inputLayout }
  emitSource(block, images)
  const gradients = { source: plan.output, first, padded: at.paddedOutput, target: at.outputs }
  emitSource(block, { ...gradients, layout: outputLayout }, mine)
  f.for(at.panel, mine.from, mine.to, 1, () => {
    setLinear(f, at.panelSums, 0, [at.sums, 1], [at.panel, sumLayout.panel])
    setLinear(f, at.panelOutputs, 0, [at.outputs, 1], [at.panel, outputLayout.panel])
    emitProducts(block, {
      rows: spec.window.channels,
      width: plan.width,
      depth: tiling.tiles,
      a: { address: at.inputs, matrix: inputLayout.matrix, row: 4, step: inputLayout.row },
      b: { address: at.panelOutputs, matrix: outputLayout.matrix },
      target: { address: at.panelSums, matrix: sumLayout.matrix },
      accumulate: true,
    })
  })
}

/** Transforms the sums of a panel to the taps of the kernel. */
function storePanel({ f, spec, width, block, sumLayout, at }: WinogradGradient): void {
  const { channels, filters } = spec.window
  const cell = 4 * channels * filters
  f.for(at.channel, 0, channels, 1, () => {
    f.for(at.vector, 0, width / 4, 1, () => {
      const fromTerms = [
        [at.sums, 1],
        [at.panel, sumLayout.panel],
        [at.channel, sumLayout.row],
        [at.vector, 16],
      ] as const
      setLinear(f, at.from, 0, ...fromTerms)
      setLinear(f, at.to, 0, [at.panel, 4 * width], [at.channel, 4 * filters], [at.vector, 16])
      emitTransform(f, block.bench, collect(KERNEL), squareAt(at.from, sumLayout), {
        store(tap, value) {
          f.get(at.to)
            .get(value)
            .memory('v128.store', spec.output + tap * cell)
        },
        nextRow() {
          advance(f, at.to, 3 * cell)
        },
      })
    })
  })
}
