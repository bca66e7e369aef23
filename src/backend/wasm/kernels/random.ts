import { stream } from '../../../random.ts'
import type { Bound, FunctionBuilder, Vector } from '../assembler/function-builder.ts'
import { storeLanes } from '../emit/lanes.ts'
import { share } from '../emit/partition.ts'
import type { Partition, PieceRange } from '../emit/partition.ts'
import { transposeSquare } from '../emit/transpose.ts'
import type { FourVectors } from '../emit/transpose.ts'
import type { ImportedMachine } from './machine.ts'

export type RandomSpec = {
  readonly output: number
  /** Address of the i32 counter. */
  readonly counter: number
  readonly length: number
  /** The i32 numbers of the rows, each with its own part of the stream and an equal share of the length. */
  readonly rows?: { readonly address: number; readonly count: number }
  readonly seed: Seed
  readonly stream: string
  readonly machine?: ImportedMachine | undefined
}

/** The run's seed, which keys the random streams, or the address of its two i32 words, the lower first. */
export type Seed = number | { readonly address: number }

const M0 = 0xd2511f53
const M1 = 0xcd9e8d57
const W0 = 0x9e3779b9
const W1 = 0xbb67ae85

/** Uniform f32 in [0, 1), the same bits as `randomUniform`: Philox4x32-10. */
export function emitRandom(f: FunctionBuilder, spec: RandomSpec, partition?: Partition): void {
  const done = spec.machine && spec.rows === undefined ? emitOnMachine(f, spec, spec.machine, partition) : 0
  if (done < spec.length) emitSteps(f, spec, done / 16, partition)
}

/** Lets a machine write as many numbers as it does at once, and returns their count. */
function emitOnMachine(
  f: FunctionBuilder,
  { length, output, counter, seed, stream: name }: RandomSpec,
  { tiles, call }: ImportedMachine,
  partition: Partition | undefined,
): number {
  const { lanes } = tiles.sizes
  const chunks = Math.floor(length / (4 * lanes))
  if (chunks === 0) return 0
  const { key, id } = stream(typeof seed === 'number' ? seed : 0, name)
  const keyAt = (address: number) => [{ address }, { address: address + 4 }] as const
  const run = { counter: { address: counter }, key: typeof seed === 'number' ? key : keyAt(seed.address), id }
  const at = f.integers('count')
  const { from, to } = share(f, chunks, partition)
  f.bound(to).bound(from).op('i32.sub').tee(at.count)
  f.if(() => {
    f.i32(tiles.randomOf(run))
    f.bound(from).i32(lanes).op('i32.mul').i32(0)
    f.bound(from)
      .i32(16 * lanes)
      .op('i32.mul')
      .i32(output)
      .op('i32.add')
    f.get(at.count).call(call)
  })
  return chunks * 4 * lanes
}

/** A block in every lane: a step makes 16 numbers, of which the last one of a row keeps as many as the row takes. */
function emitSteps(
  f: FunctionBuilder,
  spec: RandomSpec,
  firstStep: number,
  partition: Partition | undefined,
): void {
  const { rows, seed } = spec
  const { id } = stream(0, spec.stream)
  const pushKeys = typeof seed === 'number' ? constantKeys(f, seed) : loadedKeys(f, seed.address)
  const length = spec.length / (rows?.count ?? 1)
  const steps = Math.ceil(length / 16)
  const { item, row, step, to } = f.integers('item', 'row', 'step', 'to')
  const numbers = f.local('v128')
  const { c0, c1, c2, c3 } = f.vectors('c0', 'c1', 'c2', 'c3')
  const range = stepsOfThread(f, firstStep, steps * (rows?.count ?? 1), partition)
  f.for(item, range.from, range.to, 1, () => {
    f.get(item).i32(steps).op('i32.div_u').set(row)
    f.get(item).i32(steps).op('i32.rem_u').set(step)
    f.get(step).i32(2).op('i32.shl', 'i32x4.splat').i32x4(0, 1, 2, 3).op('i32x4.add').set(c0)
    f.i32(0).memory('v128.load32_splat', spec.counter).set(c1)
    f.i32x4(id[0])
    if (rows) f.get(row).i32(2).op('i32.shl').memory('v128.load32_splat', rows.address).op('v128.xor')
    f.set(c2).i32x4(id[1]).set(c3)
    const blocks = randomBlocks(f, [c0, c1, c2, c3], pushKeys)
    f.get(row).i32(4 * length)
    f.op('i32.mul').get(step).i32(6).op('i32.shl', 'i32.add').set(to)
    const write = (count: number): void => {
      for (const [i, pushBlock] of blocks.entries()) {
        if (count <= 4 * i) return
        pushBlock()
        f.i32(8).op('i32x4.shr_u', 'f32x4.convert_i32x4_u')
        f.f32x4(2 ** -24)
          .op('f32x4.mul')
          .set(numbers)
        storeLanes(f, numbers, Math.min(4, count - 4 * i), to, spec.output + 16 * i)
      }
    }
    const last = length - 16 * (steps - 1)
    if (last === 16) return write(16)
    f.get(step)
      .i32(steps - 1)
      .op('i32.eq')
    f.if(
      () => write(last),
      () => write(16),
    )
  })
}

/** The share of a thread in the steps from one on. */
function stepsOfThread(
  f: FunctionBuilder,
  first: number,
  steps: number,
  partition: Partition | undefined,
): PieceRange {
  const range = share(f, steps - first, partition)
  if (first === 0) return range
  const behind = (bound: Bound): Bound => {
    if (typeof bound === 'number') return bound + first
    f.get(bound).i32(first).op('i32.add').set(bound)
    return bound
  }
  return { from: behind(range.from), to: behind(range.to) }
}

/** Pushes one of the two keys of a round in every lane. */
type PushKey = (round: number, key: 0 | 1) => void

/** The keys grow by these from round to round. */
const GROWTH = [W0, W1] as const

function constantKeys(f: FunctionBuilder, seed: number): PushKey {
  const { key: keys } = stream(seed, '')
  return (round, key) => void f.i32x4((keys[key] + round * GROWTH[key]) | 0)
}

function loadedKeys(f: FunctionBuilder, address: number): PushKey {
  const { key0, key1 } = f.vectors('key0', 'key1')
  const first = [key0, key1] as const
  for (const [i, key] of first.entries())
    f.i32(0)
      .memory('v128.load32_splat', address + 4 * i)
      .set(key)
  return grownKeys(f, first)
}

/** The keys of all rounds from those of the first, which are in every lane of two vectors. */
export function grownKeys(f: FunctionBuilder, first: readonly [Vector, Vector]): PushKey {
  return (round, key) => {
    f.get(first[key])
    if (round > 0) f.i32x4((round * GROWTH[key]) | 0).op('i32x4.add')
  }
}

/** Computes four blocks from their counters, one in each lane; each function that it returns pushes the words of one. */
export function randomBlocks(f: FunctionBuilder, counters: FourVectors, pushKey: PushKey): (() => void)[] {
  rounds(f, counters, pushKey)
  const { mixed0, mixed1, mixed2, mixed3 } = f.vectors('mixed0', 'mixed1', 'mixed2', 'mixed3')
  return transposeSquare(f, counters, [mixed0, mixed1, mixed2, mixed3])
}

function rounds(f: FunctionBuilder, [c0, c1, c2, c3]: FourVectors, pushKey: PushKey): void {
  const { low0, high0, low1, high1 } = f.vectors('low0', 'high0', 'low1', 'high1')
  for (let round = 0; round < 10; round++) {
    multiply(f, c0, M0, low0, high0)
    multiply(f, c2, M1, low1, high1)
    f.get(high1).get(c1).op('v128.xor')
    pushKey(round, 0)
    f.op('v128.xor').set(c0)
    f.get(low1).set(c1)
    f.get(high0).get(c3).op('v128.xor')
    pushKey(round, 1)
    f.op('v128.xor').set(c2)
    f.get(low0).set(c3)
  }
}

/** The low and high words of the products of unsigned lanes with a constant. */
function multiply(f: FunctionBuilder, x: Vector, factor: number, low: Vector, high: Vector): void {
  f.get(x).i32x4(factor).op('i64x2.extmul_low_i32x4_u').set(low)
  f.get(x).i32x4(factor).op('i64x2.extmul_high_i32x4_u').set(high)
  f.get(low).get(high).shuffle(0, 2, 4, 6).get(low).get(high).shuffle(1, 3, 5, 7).set(high)
  f.set(low)
}
