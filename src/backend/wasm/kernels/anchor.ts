// The kernels of operations that no loop nest computes.

import { sizeOf } from '../../../ir/ir.ts'
import type { Shape, Value } from '../../../ir/ir.ts'
import type { Arithmetic } from '../../plan/arithmetic.ts'
import type { AnchorOp } from '../../plan/group.ts'
import { paddedBytes } from '../../plan/memory-plan.ts'
import { isProduct } from '../../plan/products.ts'
import type { Product } from '../../plan/products.ts'
import { suitsMap } from '../../plan/tile-machine.ts'
import type { KernelTraits } from '../../plan/schedule.ts'
import type { FunctionBuilder } from '../assembler/function-builder.ts'
import { elementProgramOf } from '../emit/element-program.ts'
import { epilogueOf, loopEpilogueOf, outputOf } from '../emit/epilogue.ts'
import type { Scene } from '../emit/scene.ts'
import { inSlice, isSlice } from '../emit/partition.ts'
import type { Partition } from '../emit/partition.ts'
import { emitArgmax } from './argmax.ts'
import { columnSumsScratch } from './column-sums.ts'
import { emitMap } from './map.ts'
import type { ImportedMachine } from './machine.ts'
import { emitAveragePoolGradient, emitMaxPoolGradient, emitPool, isTiled, poolOf } from './pool.ts'
import { emitAveragePoolGradientRows, emitMaxPoolGradientRows, emitPoolRows } from './pool-rows.ts'
import type { PoolMachine } from './pool-rows.ts'
import { emitProduct, hasEpilogue, productScratch } from './products.ts'
import { emitRandom } from './random.ts'
import type { Seed } from './random.ts'
import { emitCopy, emitFill, emitGather, emitScatterAdd } from './rows.ts'

export type AnchorOptions = {
  readonly seed: Seed
  readonly arithmetic: Arithmetic
  readonly machine?: ImportedMachine | undefined
}

export function anchorTraits(options: AnchorOptions): KernelTraits {
  return {
    takesEpilogue,
    isShared: ({ op }) => op !== 'pad',
    standsAlone: (value) => options.machine !== undefined && suitsMap(value),
    scratchBytes: (anchor) => (isProduct(anchor) ? paddedBytes(productScratch(anchor, options)) : 0),
    nestScratchBytes: (nest) => (options.machine === undefined ? 0 : columnSumsScratch(nest)),
  }
}

function takesEpilogue(anchor: Value<AnchorOp>): boolean {
  if (anchor.op === 'max_pool_gradient' || anchor.op === 'average_pool_gradient') {
    return isTiled(poolOf(anchor.shape, anchor.dy.shape, anchor))
  }
  return anchor.op === 'pool' || hasEpilogue(anchor)
}

/** Addresses and options of an anchor's kernel. */
type AnchorContext = AnchorOptions & {
  readonly scene: Scene
  readonly addressOf: (value: Value) => number
  readonly output: number
  readonly scratch: number
  readonly partition: Partition | undefined
}

type EmitAnchor<K extends AnchorOp> = (f: FunctionBuilder, anchor: Value<K>, context: AnchorContext) => void

const KERNELS: { readonly [K in AnchorOp]: EmitAnchor<K> } = {
  matmul: product,
  convolution: product,
  convolution_input_gradient: product,
  convolution_kernel_gradient: product,
  pool(f, anchor, context) {
    const { scene, addressOf, output, partition } = context
    const pool = poolOf(anchor.x.shape, anchor.shape, anchor)
    const spec = { pool, function: anchor.function, x: addressOf(anchor.x) }
    if (emitPoolRows(f, spec, machineFor(anchor, context), partition)) return
    emitPool(f, { ...spec, output, epilogue: epilogueOf(anchor, scene) }, partition)
  },
  max_pool_gradient(f, anchor, context) {
    const { scene, addressOf, output, partition } = context
    const { x, y, dy } = anchor
    const spec = {
      pool: poolOf(x.shape, y.shape, anchor),
      x: addressOf(x),
      y: addressOf(y),
      dy: addressOf(dy),
    }
    if (emitMaxPoolGradientRows(f, spec, machineFor(anchor, context), partition)) return
    emitMaxPoolGradient(f, { ...spec, output, epilogue: epilogueOf(anchor, scene) }, partition)
  },
  average_pool_gradient(f, anchor, context) {
    const { scene, addressOf, output, partition } = context
    const spec = { pool: poolOf(anchor.shape, anchor.dy.shape, anchor), dy: addressOf(anchor.dy) }
    if (emitAveragePoolGradientRows(f, spec, machineFor(anchor, context), partition)) return
    emitAveragePoolGradient(f, { ...spec, output, epilogue: epilogueOf(anchor, scene) }, partition)
  },
  unary(f, anchor, { scene, addressOf, output, machine, partition }) {
    if (machine === undefined || !suitsMap(anchor)) throw new Error(`nothing computes ${anchor.function}`)
    const length = sizeOf(anchor.shape)
    const [slice, threads] = isSlice(partition) ? [partition] : [undefined, partition]
    const { from, to } = inSlice(length, slice)
    const places = { x: addressOf(anchor.x) + 4 * from, output: output + 4 * from, length: to - from }
    emitMap(f, { ...places, function: anchor.function }, machine, scene.math, threads)
  },
  random(f, { counter, shape, rows, stream }, { addressOf, output, seed, machine, partition }) {
    const spec = { output, counter: addressOf(counter), length: sizeOf(shape), seed, stream, machine }
    const shares = rows && { rows: { address: addressOf(rows), count: sizeOf(rows.shape) } }
    emitRandom(f, { ...spec, ...shares }, partition)
  },
  argmax(f, { x, axis }, { addressOf, output, partition }) {
    const [outer, inner] = [sizeOf(x.shape.slice(0, axis)), sizeOf(x.shape.slice(axis + 1))]
    emitArgmax(f, { x: addressOf(x), output, outer, length: x.shape[axis] ?? 1, inner }, partition)
  },
  gather(f, { x, indices }, { addressOf, output, partition }) {
    const [count, row] = [sizeOf(indices.shape), sizeOf(x.shape.slice(1))]
    emitGather(f, { x: addressOf(x), indices: addressOf(indices), output, count, row }, partition)
  },
  scatter_add(f, { updates, indices, shape: [rows = 1, ...row] }, { addressOf, output, partition }) {
    const addresses = { updates: addressOf(updates), indices: addressOf(indices), output }
    emitScatterAdd(f, { ...addresses, count: sizeOf(indices.shape), row: sizeOf(row), rows }, partition)
  },
  concat(f, { xs, axis, shape }, { addressOf, output, partition }) {
    let start = 0
    for (const x of xs) {
      emitBlock(f, x.shape, shape, addressOf(x), output + 4 * start, partition)
      start += sizeOf(x.shape.slice(axis))
    }
  },
  pad(f, { x, padding, value, shape }, { addressOf, output }) {
    // Copies of one thread may meet fills of another: a single thread does both.
    emitFill(f, output, sizeOf(shape), value)
    const strides = stridesOf(shape)
    const start = padding.reduce((sum, [before], axis) => sum + before * (strides[axis] ?? 0), 0)
    emitBlock(f, x.shape, shape, addressOf(x), output + 4 * start, undefined)
  },
}

export function emitAnchor(
  f: FunctionBuilder,
  anchor: Value<AnchorOp>,
  scene: Scene,
  options: AnchorOptions,
  scratch: number,
  partition: Partition | undefined,
): void {
  const { addressOf } = scene
  const output = addressOf(outputOf(anchor, scene))
  emit(f, anchor, { ...options, scene, addressOf, output, scratch, partition })
}

function emit<K extends AnchorOp>(f: FunctionBuilder, anchor: Value<K>, context: AnchorContext): void {
  KERNELS[anchor.op](f, anchor, context)
}

/** A machine, if there is one, and the program of what becomes of an anchor's result. */
function machineFor(anchor: Value<AnchorOp>, { machine, scene }: AnchorContext): PoolMachine {
  return { machine, program: machine && elementProgramOf(anchor, scene) }
}

function product(f: FunctionBuilder, anchor: Product, context: AnchorContext): void {
  const { scene, addressOf, output, scratch, arithmetic, partition } = context
  const { machine, program: elementProgram } = machineFor(anchor, context)
  const epilogues = {
    epilogue: epilogueOf(anchor, scene),
    loopEpilogue: loopEpilogueOf(anchor, scene),
    elementProgram,
  }
  emitProduct(f, anchor, { addressOf, output, scratch, arithmetic, machine, ...epilogues }, partition)
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
