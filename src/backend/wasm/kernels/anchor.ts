// The kernels of operations that no loop nest computes.

import { sizeOf } from '../../../ir/ir.ts'
import type { Program, Shape, Value } from '../../../ir/ir.ts'
import type { Arithmetic } from '../../plan/arithmetic.ts'
import { paddedBytes } from '../../plan/memory-plan.ts'
import { isProduct } from '../../plan/products.ts'
import type { KernelTraits } from '../../plan/schedule.ts'
import type { FunctionBuilder } from '../assembler/function-builder.ts'
import { epilogueOf, loopEpilogueOf, outputOf } from '../emit/epilogue.ts'
import type { Scene } from '../emit/expression.ts'
import type { Partition } from '../emit/partition.ts'
import { emitArgmax } from './argmax.ts'
import { emitAveragePoolGradient, emitMaxPoolGradient, emitPool, isTiled, poolOf } from './pool.ts'
import { emitProduct, hasEpilogue, productScratch } from './products.ts'
import { emitRandom } from './random.ts'
import { emitCopy, emitFill, emitGather, emitScatterAdd } from './rows.ts'

export type AnchorOptions = { readonly seed: number; readonly arithmetic: Arithmetic }

export function anchorTraits({ arithmetic }: AnchorOptions): KernelTraits {
  return {
    takesEpilogue,
    isShared: ({ op }) => op !== 'pad',
    scratchBytes: (anchor) => (isProduct(anchor) ? paddedBytes(productScratch(anchor, arithmetic)) : 0),
  }
}

/** What of a program no kernel computes, in words; undefined where all of it can be compiled. */
export function lacking(program: Program): string | undefined {
  for (const value of program.values) {
    const spatial = value.shape.length - 2
    if (value.op.startsWith('convolution') && spatial > 2) return `${value.op} over ${spatial} axes`
  }
  return undefined
}

/** Whether an anchor's kernel applies expressions to its results before it stores them. */
export function takesEpilogue(anchor: Value): boolean {
  if (anchor.op === 'max_pool_gradient' || anchor.op === 'average_pool_gradient') {
    return isTiled(poolOf(anchor.shape, anchor.dy.shape, anchor))
  }
  return anchor.op === 'pool' || hasEpilogue(anchor)
}

export function emitAnchor(
  f: FunctionBuilder,
  anchor: Value,
  scene: Scene,
  options: AnchorOptions,
  scratch: number,
  partition: Partition | undefined,
): void {
  const { addressOf } = scene
  const output = addressOf(outputOf(anchor, scene))
  if (isProduct(anchor)) {
    const epilogue = epilogueOf(anchor, scene)
    const { arithmetic } = options
    const loopEpilogue = loopEpilogueOf(anchor, scene)
    emitProduct(f, anchor, { addressOf, output, scratch, epilogue, loopEpilogue, arithmetic }, partition)
    return
  }
  switch (anchor.op) {
    case 'pool': {
      const { x, function: kind } = anchor
      const pool = poolOf(x.shape, anchor.shape, anchor)
      const epilogue = epilogueOf(anchor, scene)
      emitPool(f, { pool, function: kind, x: addressOf(x), output, ...(epilogue && { epilogue }) }, partition)
      return
    }
    case 'max_pool_gradient': {
      const { x, y, dy } = anchor
      const pool = poolOf(x.shape, y.shape, anchor)
      const [from, results] = [addressOf(x), addressOf(y)]
      const epilogue = epilogueOf(anchor, scene)
      emitMaxPoolGradient(f, { pool, x: from, y: results, dy: addressOf(dy), output, epilogue }, partition)
      return
    }
    case 'average_pool_gradient': {
      const pool = poolOf(anchor.shape, anchor.dy.shape, anchor)
      const epilogue = epilogueOf(anchor, scene)
      emitAveragePoolGradient(f, { pool, dy: addressOf(anchor.dy), output, epilogue }, partition)
      return
    }
    case 'random':
      emitRandom(
        f,
        {
          output,
          counter: addressOf(anchor.counter),
          length: sizeOf(anchor.shape),
          ...(anchor.rows && { rows: { address: addressOf(anchor.rows), count: sizeOf(anchor.rows.shape) } }),
          seed: options.seed,
          stream: anchor.stream,
        },
        partition,
      )
      return
    case 'argmax': {
      const { x, axis } = anchor
      const [outer, length, inner] = [
        sizeOf(x.shape.slice(0, axis)),
        x.shape[axis] ?? 1,
        sizeOf(x.shape.slice(axis + 1)),
      ]
      emitArgmax(f, { x: addressOf(x), output, outer, length, inner }, partition)
      return
    }
    case 'gather': {
      const row = sizeOf(anchor.x.shape.slice(1))
      const [x, indices] = [addressOf(anchor.x), addressOf(anchor.indices)]
      emitGather(f, { x, indices, output, count: sizeOf(anchor.indices.shape), row }, partition)
      return
    }
    case 'scatter_add': {
      const row = sizeOf(anchor.shape.slice(1))
      const [updates, indices] = [addressOf(anchor.updates), addressOf(anchor.indices)]
      const count = sizeOf(anchor.indices.shape)
      emitScatterAdd(f, { updates, indices, output, count, row, rows: anchor.shape[0] ?? 1 }, partition)
      return
    }
    case 'concat': {
      let start = 0
      for (const x of anchor.xs) {
        emitBlock(f, x.shape, anchor.shape, addressOf(x), output + 4 * start, partition)
        start += sizeOf(x.shape.slice(anchor.axis))
      }
      return
    }
    case 'pad': {
      // Copies of one thread may meet fills of another: a single thread does both.
      emitFill(f, output, sizeOf(anchor.shape), anchor.value)
      const strides = stridesOf(anchor.shape)
      const start = anchor.padding.reduce((sum, [before], axis) => sum + before * (strides[axis] ?? 0), 0)
      emitBlock(f, anchor.x.shape, anchor.shape, addressOf(anchor.x), output + 4 * start, undefined)
      return
    }
    default:
      throw new Error(`no kernel for ${anchor.op}`)
  }
}

/** Copies a tensor into a larger one of the same rank. */
function emitBlock(
  f: FunctionBuilder,
  from: Shape,
  into: Shape,
  source: number,
  target: number,
  partition: Partition | undefined,
): void {
  // Trailing axes of equal length are one row; the axis before them is part of it too.
  let axis = from.length
  while (axis > 0 && from[axis - 1] === into[axis - 1]) axis--
  const first = Math.max(axis - 1, 0)
  const row = sizeOf(from.slice(first))
  const sizes = from.slice(0, first)
  const [sourceStrides, targetStrides] = [stridesOf(from).slice(0, first), stridesOf(into).slice(0, first)]
  emitCopy(f, { source, target, sizes, sourceStrides, targetStrides, row }, partition)
}

function stridesOf(shape: Shape): number[] {
  return shape.map((_, axis) => sizeOf(shape.slice(axis + 1)))
}
