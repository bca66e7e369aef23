import { stream } from '../../../random.ts'
import type { FunctionBuilder, Local } from '../assembler.ts'
import { share } from './partition.ts'
import type { Partition } from './partition.ts'

export type RandomSpec = {
  readonly output: number
  /** Address of the i32 counter. */
  readonly counter: number
  readonly length: number
  readonly seed: number
  readonly stream: string
}

const M0 = 0xd2511f53
const M1 = 0xcd9e8d57
const W0 = 0x9e3779b9
const W1 = 0xbb67ae85

/**
 * Uniform f32 in [0, 1), the same bits as `randomUniform`: Philox4x32-10 with a block in every lane. A step writes 16
 * numbers, the last of which may lie in the buffer's padding.
 */
export function emitRandom(f: FunctionBuilder, spec: RandomSpec, partition?: Partition): void {
  const { key, id } = stream(spec.seed, spec.stream)
  const [step, from] = [f.local('i32'), f.local('i32')]
  const [c0, c1, c2, c3] = [f.local('v128'), f.local('v128'), f.local('v128'), f.local('v128')]
  const range = share(f, Math.ceil(spec.length / 16), partition)
  f.for(step, range.from, range.to, 1, () => {
    f.get(step).i32(2).op('i32.shl', 'i32x4.splat').i32x4(0, 1, 2, 3).op('i32x4.add').set(c0)
    f.i32(0).memory('v128.load32_splat', spec.counter).set(c1)
    f.i32x4(id[0]).set(c2).i32x4(id[1]).set(c3)
    rounds(f, [c0, c1, c2, c3], key)
    f.get(step).i32(6).op('i32.shl').set(from)
    const [low01, low23, high01, high23] = f.locals('v128', 4)
    const [a = 0, b = 0, c = 0, d = 0] = [low01, low23, high01, high23]
    f.get(c0).get(c1).shuffle(0, 4, 1, 5).set(a)
    f.get(c2).get(c3).shuffle(0, 4, 1, 5).set(b)
    f.get(c0).get(c1).shuffle(2, 6, 3, 7).set(c)
    f.get(c2).get(c3).shuffle(2, 6, 3, 7).set(d)
    const write = (x: Local, y: Local, lanes: readonly [number, number, number, number], i: number): void => {
      f.get(from)
        .get(x)
        .get(y)
        .shuffle(...lanes)
      f.i32(8)
        .op('i32x4.shr_u', 'f32x4.convert_i32x4_u')
        .f32x4(2 ** -24)
        .op('f32x4.mul')
      f.memory('v128.store', spec.output + 16 * i)
    }
    write(a, b, [0, 1, 4, 5], 0)
    write(a, b, [2, 3, 6, 7], 1)
    write(c, d, [0, 1, 4, 5], 2)
    write(c, d, [2, 3, 6, 7], 3)
  })
}

type Counter = readonly [Local, Local, Local, Local]

function rounds(f: FunctionBuilder, [c0, c1, c2, c3]: Counter, key: readonly [number, number]): void {
  const [low0, high0, low1, high1] = [f.local('v128'), f.local('v128'), f.local('v128'), f.local('v128')]
  let [k0, k1] = key
  for (let round = 0; round < 10; round++) {
    multiply(f, c0, M0, low0, high0)
    multiply(f, c2, M1, low1, high1)
    f.get(high1).get(c1).op('v128.xor').i32x4(k0).op('v128.xor').set(c0)
    f.get(low1).set(c1)
    f.get(high0).get(c3).op('v128.xor').i32x4(k1).op('v128.xor').set(c2)
    f.get(low0).set(c3)
    k0 = (k0 + W0) | 0
    k1 = (k1 + W1) | 0
  }
}

/** The low and high words of the products of unsigned lanes with a constant. */
function multiply(f: FunctionBuilder, x: Local, factor: number, low: Local, high: Local): void {
  f.get(x).i32x4(factor).op('i64x2.extmul_low_i32x4_u').set(low)
  f.get(x).i32x4(factor).op('i64x2.extmul_high_i32x4_u').set(high)
  f.get(low).get(high).shuffle(0, 2, 4, 6).get(low).get(high).shuffle(1, 3, 5, 7).set(high)
  f.set(low)
}
