// The permutations of `randomPermutation`, several times as fast: JavaScript has no products of 64 bits.

import type { randomPermutation } from '../../random.ts'
import type { FunctionBuilder, Integer } from './assembler/function-builder.ts'
import { ModuleBuilder } from './assembler/module-builder.ts'
import { grownKeys, randomBlocks } from './kernels/random.ts'

/** Random words that are made at once, and the bytes that they take, behind which the permutation lies. */
const WORDS = 1024
const NUMBERS = 4 * WORDS
const PAGE = 65536
const LIMITS = { initial: 1, maximum: 65536, shared: false }

/** A maker of the same permutations as `randomPermutation`, on a memory of its own. */
export function permutations(): typeof randomPermutation {
  const memory = new WebAssembly.Memory(LIMITS)
  const module = new WebAssembly.Module(permutationModule())
  const { permute } = new WebAssembly.Instance(module, { env: { memory } }).exports
  if (permute === undefined) throw new Error('the module exports no permute')
  return ({ key, id }, counter, length) => {
    const more = NUMBERS + 4 * length + 16 - memory.buffer.byteLength
    if (more > 0) memory.grow(Math.ceil(more / PAGE))
    permute(length, counter, ...key, ...id)
    return new Uint32Array(memory.buffer, NUMBERS, length).slice()
  }
}

function permutationModule(): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder()
  module.importMemory('env', 'memory', LIMITS)
  const params = ['i32', 'i32', 'i32', 'i32', 'i32', 'i32'] as const
  const permute = module.function({ params, results: [] }, (f, length, counter, key0, key1, id0, id1) => {
    const { i, drawn, last, word, kept, picked } = f.integers('i', 'drawn', 'last', 'word', 'kept', 'picked')
    f.for(i, 0, length, 1, () => {
      f.get(i).i32(2).op('i32.shl').get(i).memory('i32.store', NUMBERS)
    })
    const draw = wordDrawer(f, drawn, word, [counter, key0, key1, id0, id1])
    f.get(length).i32(1).op('i32.sub').set(last)
    f.block((end) => {
      f.loop((next) => {
        f.get(last).i32(1).op('i32.lt_s').branchIf(end)
        drawBelow(f, last, word, draw)
        // Swaps the number at `word` with the last of those that are left.
        f.get(word).i32(2).op('i32.shl').set(picked)
        f.get(last).i32(2).op('i32.shl').set(i)
        f.get(i).memory('i32.load', NUMBERS).set(kept)
        f.get(i).get(picked).memory('i32.load', NUMBERS).memory('i32.store', NUMBERS)
        f.get(picked).get(kept).memory('i32.store', NUMBERS)
        f.get(last).i32(1).op('i32.sub').set(last)
        f.branch(next)
      })
    })
  })
  module.export('permute', permute)
  return module.toBytes()
}

/** Draws words until one is not in the last, partial range of 2^32, and leaves its remainder: from 0 up to `last`. */
function drawBelow(f: FunctionBuilder, last: Integer, word: Integer, draw: () => void): void {
  const { range, left } = f.integers('range', 'left')
  const pushNegative = (value: Integer): FunctionBuilder => f.i32(0).get(value).op('i32.sub')
  f.get(last).i32(1).op('i32.add').set(range)
  f.loop((again) => {
    draw()
    f.get(word)
    pushNegative(range).op('i32.lt_u', 'i32.eqz')
    f.if(() => {
      pushNegative(range).get(range).op('i32.rem_u').tee(left).i32(0).op('i32.ne')
      f.get(word)
      pushNegative(left).op('i32.lt_u', 'i32.eqz', 'i32.and').branchIf(again)
    })
  })
  f.get(word).get(range).op('i32.rem_u').set(word)
}

/** Sets `word` to the next word of a stream; `drawn` counts them. */
function wordDrawer(
  f: FunctionBuilder,
  drawn: Integer,
  word: Integer,
  [counter, key0, key1, id0, id1]: readonly [Integer, Integer, Integer, Integer, Integer],
): () => void {
  const { at } = f.integers('at')
  const { first, second, c0, c1, c2, c3 } = f.vectors('first', 'second', 'c0', 'c1', 'c2', 'c3')
  const fill = (): void => {
    f.for(at, 0, NUMBERS, 64, () => {
      // Word i comes from block i >> 2; `at` has four bytes a word.
      f.get(drawn).i32(2).op('i32.shr_u').get(at).i32(4).op('i32.shr_u', 'i32.add', 'i32x4.splat')
      f.i32x4(0, 1, 2, 3).op('i32x4.add').set(c0)
      f.get(counter).op('i32x4.splat').set(c1)
      f.get(id0).op('i32x4.splat').set(c2)
      f.get(id1).op('i32x4.splat').set(c3)
      const blocks = randomBlocks(f, [c0, c1, c2, c3], grownKeys(f, [first, second]))
      for (const [i, pushBlock] of blocks.entries()) {
        f.get(at)
        pushBlock()
        f.memory('v128.store', 16 * i)
      }
    })
  }
  f.get(key0).op('i32x4.splat').set(first)
  f.get(key1).op('i32x4.splat').set(second)
  return () => {
    f.get(drawn)
      .i32(WORDS - 1)
      .op('i32.and')
      .tee(word)
      .op('i32.eqz')
    f.if(fill)
    f.get(word).i32(2).op('i32.shl').memory('i32.load').set(word)
    f.get(drawn).i32(1).op('i32.add').set(drawn)
  }
}
