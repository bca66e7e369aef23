import { expect, it } from 'vitest'

import type { FunctionBuilder, Integer } from '../../../src/backend/wasm/assembler/function-builder.ts'
import { ModuleBuilder } from '../../../src/backend/wasm/assembler/module-builder.ts'
import { counting } from './counting.ts'

/** What a function of one number returns, and how many instructions it takes. */
function countedCall(argument: number, body: (f: FunctionBuilder, x: Integer) => void): [number, number] {
  const module = new ModuleBuilder()
  const limits = { initial: 1, maximum: 1, shared: true } as const
  module.importMemory('env', 'memory', limits)
  module.export('call', module.function({ params: ['i32'], results: ['i32'] }, body))
  const memory = new WebAssembly.Memory(limits)
  const counted = new WebAssembly.Module(counting(module.toBytes(), 8))
  const { call } = new WebAssembly.Instance(counted, { env: { memory } }).exports
  return [call?.(argument) ?? NaN, Number(new BigInt64Array(memory.buffer, 8, 1)[0])]
}

it('counts what runs, as often as it runs, but for locals, constants and structure', () => {
  const sum = (f: FunctionBuilder, x: Integer): void => {
    const [i, total] = [f.local('i32'), f.local('i32')]
    // Once: compare and branch. In each round: add; and add, compare and branch.
    f.for(i, 0, x, 1, () => f.get(total).get(i).op('i32.add').set(total))
    f.get(total)
  }
  expect(countedCall(0, sum)).toEqual([0, 2])
  expect(countedCall(1, sum)).toEqual([0, 6])
  expect(countedCall(10, sum)).toEqual([45, 42])
})

it('counts the side of a condition that runs', () => {
  const either = (f: FunctionBuilder, x: Integer): void => {
    f.get(x).op('i32.eqz')
    f.if(
      () => f.i32(7),
      () => f.get(x).get(x).op('i32.mul').get(x).op('i32.mul'),
      'i32',
    )
  }
  expect(countedCall(0, either)).toEqual([7, 2])
  expect(countedCall(3, either)).toEqual([27, 4])
})

it('reads every kind of operand', () => {
  const all = (f: FunctionBuilder, x: Integer): void => {
    const [v, l] = [f.local('v128'), f.local('i64')]
    f.f32x4(1, 2, 3, 4).f32x4(5).shuffle(0, 5, 2, 7).set(v)
    f.i32(1024)
      .get(v)
      .memory('v128.store', 300_000 % 4096)
    f.i32(1024).get(v).memoryLane('v128.store32_lane', 3, 16)
    f.i64(-(2n ** 40n)).set(l)
    f.f64(0.5).f32(0.5).op('f64.promote_f32', 'f64.add', 'i32.trunc_sat_f64_s').set(x)
    f.i32(2048).i32(1024).i32(64).memoryCopy()
    f.i32(2048).i32(0).i32(4).memoryFill()
    f.get(v).lane('f32x4.extract_lane', 1).op('i32.trunc_sat_f32_s').get(x).op('i32.add')
  }
  expect(countedCall(0, all)).toEqual([6, 11])
})
