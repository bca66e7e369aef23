import type { FunctionBuilder, Integer } from '../assembler/function-builder.ts'
import { advance } from '../emit/integers.ts'
import { share } from '../emit/partition.ts'
import type { Partition } from '../emit/partition.ts'

/** The argument is seen as [outer, length, inner], the result as [outer, inner]. */
export type ArgmaxSpec = {
  readonly x: number
  readonly output: number
  readonly outer: number
  readonly length: number
  readonly inner: number
}

/** The index of the first largest element; one that is not a number counts as larger than any other. */
export function emitArgmax(f: FunctionBuilder, spec: ArgmaxSpec, partition?: Partition): void {
  const { outer, inner } = spec
  const { from, to } = share(f, outer * inner, partition)
  const { i, rest } = f.integers('i', 'rest')
  f.bound(from).set(rest)
  if (inner === 1) {
    f.bound(to).bound(from).op('i32.sub').i32(-4).op('i32.and').bound(from).op('i32.add').set(rest)
    f.for(i, from, rest, 4, () => searchFourRows(f, spec, i))
  }
  f.for(i, rest, to, 1, () => search(f, spec, i))
}

/** A row in each lane: which element is larger is hard to guess, so there is no branch. */
function searchFourRows(f: FunctionBuilder, { x: source, output, length }: ArgmaxSpec, i: Integer): void {
  const { k, address } = f.integers('k', 'address')
  const { x, best, at, larger } = f.vectors('x', 'best', 'at', 'larger')
  const loadNext = (): void => {
    f.get(address).memory('v128.load32_zero', source).set(x)
    for (let lane = 1; lane < 4; lane++)
      f.get(address)
        .get(x)
        .memoryLane('v128.load32_lane', lane, source + 4 * lane * length)
        .set(x)
  }
  f.get(i)
    .i32(4 * length)
    .op('i32.mul')
    .set(address)
  loadNext()
  f.get(x).set(best).i32x4(0).set(at)
  f.for(k, 1, length, 1, () => {
    advance(f, address, 4)
    loadNext()
    // x > best, or x is NaN and best is not.
    f.get(best).get(best).op('f32x4.eq').get(x).get(best).op('f32x4.le', 'v128.andnot').set(larger)
    f.get(x).get(best).get(larger).op('v128.bitselect').set(best)
    f.get(k).op('i32x4.splat').get(at).get(larger).op('v128.bitselect').set(at)
  })
  f.get(i).i32(2).op('i32.shl').get(at).memory('v128.store', output)
}

function search(f: FunctionBuilder, { x: source, output, length, inner }: ArgmaxSpec, i: Integer): void {
  const { k, address, at } = f.integers('k', 'address', 'at')
  const { best, x } = f.floats('best', 'x')
  f.get(i)
    .i32(inner)
    .op('i32.div_u')
    .i32(length * inner)
    .op('i32.mul')
  f.get(i).i32(inner).op('i32.rem_u', 'i32.add').i32(2).op('i32.shl').tee(address)
  f.memory('f32.load', source).set(best).i32(0).set(at)
  f.for(k, 1, length, 1, () => {
    f.get(address).i32(4 * inner)
    f.op('i32.add').tee(address).memory('f32.load', source).set(x)
    // x > best, or x is NaN and best is not.
    f.get(x).get(best).op('f32.le', 'i32.eqz').get(best).get(best).op('f32.eq', 'i32.and')
    f.if(() => f.get(x).set(best).get(k).set(at))
  })
  f.get(i).i32(2).op('i32.shl').get(at).memory('i32.store', output)
}
