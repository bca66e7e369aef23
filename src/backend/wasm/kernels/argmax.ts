import type { FunctionBuilder } from '../assembler/function-builder.ts'
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
  const { outer, length, inner } = spec
  const { from, to } = share(f, outer * inner, partition)
  const { i, k, address, at } = f.integers('i', 'k', 'address', 'at')
  const { best, x } = f.floats('best', 'x')
  f.for(i, from, to, 1, () => {
    f.get(i)
      .i32(inner)
      .op('i32.div_u')
      .i32(length * inner)
      .op('i32.mul')
    f.get(i).i32(inner).op('i32.rem_u', 'i32.add').i32(2).op('i32.shl').tee(address)
    f.memory('f32.load', spec.x).set(best).i32(0).set(at)
    f.for(k, 1, length, 1, () => {
      f.get(address).i32(4 * inner)
      f.op('i32.add').tee(address).memory('f32.load', spec.x).set(x)
      // x > best, or x is NaN and best is not.
      f.get(x).get(best).op('f32.le', 'i32.eqz').get(best).get(best).op('f32.eq', 'i32.and')
      f.if(() => f.get(x).set(best).get(k).set(at))
    })
    f.get(i).i32(2).op('i32.shl').get(at).memory('i32.store', spec.output)
  })
}
