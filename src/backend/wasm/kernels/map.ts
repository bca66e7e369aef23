// A function of numbers, evaluated by a machine: what is left after whole vectors, by the first thread.

import { pieceCount, splitWithRest } from '../../plan/pieces.ts'
import type { LongFunction } from '../../plan/element-program.ts'
import type { FunctionBuilder } from '../assembler/function-builder.ts'
import { setLinear } from '../emit/integers.ts'
import { storeLanes } from '../emit/lanes.ts'
import { eachSize, share } from '../emit/partition.ts'
import type { ThreadShare } from '../emit/partition.ts'
import type { MathLibrary } from '../math/library.ts'
import type { ImportedMachine } from './machine.ts'

/** Byte offsets of f32 buffers, their length in numbers, and the function. */
export type MapSpec = {
  readonly x: number
  readonly output: number
  readonly length: number
  readonly function: LongFunction
}

export function emitMap(
  f: FunctionBuilder,
  { x, output, length, function: name }: MapSpec,
  { tiles, call }: ImportedMachine,
  math: MathLibrary,
  partition: ThreadShare | undefined,
): void {
  const { lanes } = tiles.sizes
  const vectors = splitWithRest(length - (length % lanes), lanes)
  const at = f.integers('element', 'count', 'zero')
  eachSize(f, vectors, share(f, pieceCount(vectors), partition), at, () => {
    f.i32(tiles.mapOf(name))
    setLinear(f, at.element, 0, [at.element, 4])
    for (const address of [x, 0, output]) f.get(at.element).i32(address).op('i32.add')
    f.get(at.count).call(call)
  })
  const result = f.local('v128')
  const finish = (): void => {
    for (let first = length - (length % lanes); first < length; first += 4) {
      f.get(at.zero).memory('v128.load', x + 4 * first)
      math.unary(f, name)
      f.set(result)
      storeLanes(f, result, Math.min(4, length - first), at.zero, output + 4 * first)
    }
  }
  if (partition === undefined) finish()
  else {
    f.get(partition.thread).op('i32.eqz')
    f.if(finish)
  }
}
