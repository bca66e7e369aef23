// The kernel gradient of a 3x3 convolution in Winograd's domain. Threads share the panels of filters: the images of
// the batch add up in one order, block after block, whatever the number of threads.

import { tilingOf, KERNEL, PRODUCTS } from '../../../plan/winograd.ts'
import type { FunctionBuilder, Local } from '../../assembler/assembler.ts'
import { setLinear, share } from '../../emit/partition.ts'
import type { Partition } from '../../emit/partition.ts'
import { PANEL, tileRegisters, advance } from '../../emit/tile.ts'
import type { KernelGradientSpec } from '../convolution-kernel-gradient.ts'
import {
  clearSource,
  emitProducts,
  emitSource,
  inputSource,
  layoutBytes,
  outputSource,
  panelLayout,
  rowLayout,
  sourceBytes,
  walk,
} from './block.ts'
import { collect, emitTransform, TEMPORARY_BYTES, workbench } from './transform.ts'

function planOf({ window, x, dy }: Pick<KernelGradientSpec, 'window' | 'x' | 'dy'>) {
  const { channels, filters } = window
  const tiling = tilingOf(window)
  const [input, output] = [inputSource(window, tiling, x), outputSource(window, tiling, dy)]
  const inputLayout = rowLayout(tiling.tiles, channels)
  const outputLayout = panelLayout(tiling.tiles)
  const sumLayout = panelLayout(channels)
  const paddedInput = (TEMPORARY_BYTES + 63) & ~63
  const paddedOutput = paddedInput + sourceBytes(input)
  const inputs = paddedOutput + sourceBytes(output)
  const outputs = inputs + layoutBytes(inputLayout, channels)
  const sums = outputs + layoutBytes(outputLayout, filters)
  const end = sums + layoutBytes(sumLayout, filters)
  const offsets = { paddedInput, paddedOutput, inputs, outputs, sums, end }
  return { tiling, input, output, inputLayout, outputLayout, sumLayout, offsets }
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
  const { tiling, input, output, inputLayout, outputLayout, sumLayout, offsets } = planOf(spec)
  const { window, arithmetic } = spec
  const { channels, filters, batch } = window
  const integer = (): Local => f.local('i32')
  const [scratch, block, first, panel, channel, half] = [
    integer(),
    integer(),
    integer(),
    integer(),
    integer(),
    integer(),
  ]
  const [panelSums, panelOutputs, from, to] = [integer(), integer(), integer(), integer()]
  const bench = workbench(f, arithmetic, scratch)
  const registers = tileRegisters(f)
  const walking = walk(f)
  setLinear(f, scratch, spec.scratch, partition === undefined ? [] : [[partition.thread, offsets.end]])
  const part = (offset: number): Local => {
    const local = integer()
    setLinear(f, local, offset, [[scratch, 1]])
    return local
  }
  const [paddedInput, paddedOutput] = [part(offsets.paddedInput), part(offsets.paddedOutput)]
  const [inputs, outputs, sums] = [part(offsets.inputs), part(offsets.outputs), part(offsets.sums)]
  const mine = share(f, filters / PANEL, partition)

  clearSource(f, input, paddedInput)
  clearSource(f, output, paddedOutput)
  f.get(sums)
    .i32(0)
    .i32(offsets.end - offsets.sums)
    .memoryFill()
  f.for(block, 0, batch / tiling.images, 1, () => {
    setLinear(f, first, 0, [[block, tiling.images]])
    const source = { source: input, first, padded: paddedInput, target: inputs, layout: inputLayout }
    emitSource(f, bench, walking, tiling, source)
    const gradient = { source: output, first, padded: paddedOutput, target: outputs, layout: outputLayout }
    emitSource(f, bench, walking, tiling, gradient, mine)
    f.for(panel, mine.from, mine.to, 1, () => {
      setLinear(f, panelSums, 0, [
        [sums, 1],
        [panel, sumLayout.panel],
      ])
      setLinear(f, panelOutputs, 0, [
        [outputs, 1],
        [panel, outputLayout.panel],
      ])
      emitProducts(f, registers, {
        rows: channels,
        depth: tiling.tiles,
        a: { address: inputs, matrix: inputLayout.matrix, row: 4, step: inputLayout.row },
        b: { address: panelOutputs, matrix: outputLayout.matrix },
        target: { address: panelSums, matrix: sumLayout.matrix },
        accumulate: true,
        arithmetic,
      })
    })
  })
  f.for(panel, mine.from, mine.to, 1, () => {
    f.for(channel, 0, channels, 1, () => {
      f.for(half, 0, 2, 1, () => {
        setLinear(f, from, 0, [
          [sums, 1],
          [panel, sumLayout.panel],
          [channel, sumLayout.row],
          [half, 16],
        ])
        setLinear(f, to, 0, [
          [panel, 4 * PANEL],
          [channel, 4 * filters],
          [half, 16],
        ])
        const square = { address: from, row: PRODUCTS * sumLayout.matrix, column: sumLayout.matrix }
        const cell = 4 * channels * filters
        emitTransform(f, bench, collect(KERNEL), square, {
          store(tap, value) {
            f.get(to)
              .get(value)
              .memory('v128.store', spec.output + tap * cell)
          },
          nextRow() {
            advance(f, to, 3 * cell)
          },
        })
      })
    })
  })
}
