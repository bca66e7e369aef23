import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { lane, memory, memoryLane, plain } from '../../../../src/backend/wasm/assembler/instructions.ts'
import { ModuleBuilder } from '../../../../src/backend/wasm/assembler/module-builder.ts'
import { compileFunction, hasRelaxedSimd } from '../support.ts'

describe('assembler', () => {
  it('encodes constants of every size', () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.double({ noNaN: true }),
        fc.bigInt(-(2n ** 63n), 2n ** 63n - 1n),
        (i, d, l) => {
          const { call, memory } = compileFunction([], ['i32'], (f) => {
            f.i32(0).f64(d).memory('f64.store')
            f.i32(0).f32(d).memory('f32.store', 8)
            f.i32(0).i64(l).memory('i64.store', 16)
            f.i32(i)
          })
          expect(call()).toBe(i)
          const view = new DataView(memory.buffer)
          expect(view.getFloat64(0, true)).toBe(d)
          expect(view.getFloat32(8, true)).toBe(Math.fround(d))
          expect(view.getBigInt64(16, true)).toBe(l)
        },
      ),
    )
  })

  it('wraps unsigned addresses', () => {
    const { call } = compileFunction([], ['i32'], (f) => void f.i32(0xffff_0000))
    expect(call() >>> 0).toBe(0xffff_0000)
  })

  it('branches out of nested blocks', () => {
    const { call } = compileFunction(['i32'], ['i32'], (f, x) => {
      f.block((outer) => {
        f.block((inner) => {
          f.get(x).op('i32.eqz').branchIf(outer)
          f.get(x).i32(1).op('i32.eq').branchIf(inner)
          f.i32(30).op('return')
        })
        f.i32(20).op('return')
      })
      f.i32(10)
    })
    expect([0, 1, 2].map((x) => call(x))).toEqual([10, 20, 30])
  })

  it.each([
    [0, 10, 3, [0, 3, 6, 9]],
    [5, 5, 1, []],
    [-2, 1, 1, [-2, -1, 0]],
  ])('counts from %i to %i by %i', (from, to, step, expected) => {
    for (const asLocal of [false, true]) {
      const { call, memory } = compileFunction(['i32', 'i32'], ['i32'], (f, first, last) => {
        const [index, address] = [f.local('i32'), f.local('i32')]
        f.for(index, asLocal ? first : from, asLocal ? last : to, step, () => {
          f.get(address).get(index).memory('i32.store')
          f.get(address).i32(4).op('i32.add').set(address)
        })
        f.get(address)
      })
      const bytes = call(from, to)
      expect([...new Int32Array(memory.buffer, 0, bytes / 4)]).toEqual(expected)
    }
  })

  it('chooses between two values', () => {
    const { call } = compileFunction(['i32'], ['f32'], (f, x) => {
      f.get(x).if(
        () => f.f32(1.5),
        () => f.f32(-2),
        'f32',
      )
    })
    expect([call(1), call(0)]).toEqual([1.5, -2])
  })

  it('moves lanes of vectors', () => {
    const { call, memory } = compileFunction([], [], (f) => {
      const v = f.local('v128')
      f.f32x4(1, 2, 3, 4).f32x4(5, 6, 7, 8).shuffle(6, 1, 0, 7).set(v)
      f.i32(0).get(v).memory('v128.store')
      f.i32(0).get(v).memoryLane('v128.store32_lane', 3, 16)
      f.i32(0).get(v).lane('f32x4.extract_lane', 1).memory('f32.store', 20)
    })
    call()
    expect([...new Float32Array(memory.buffer, 0, 6)]).toEqual([7, 2, 1, 8, 8, 2])
  })

  it('copies and fills memory', () => {
    const { call, memory } = compileFunction([], [], (f) => {
      f.i32(0).i32(7).i32(3).memoryFill()
      f.i32(4).i32(0).i32(4).memoryCopy()
    })
    call()
    expect([...new Uint8Array(memory.buffer, 0, 9)]).toEqual([7, 7, 7, 0, 7, 7, 7, 0, 0])
  })

  it('calls other functions of the module and shares equal signatures', () => {
    const module = new ModuleBuilder()
    const signature = { params: ['i32'], results: ['i32'] } as const
    const twice = module.function(signature, (f, x) => f.get(x).get(x).op('i32.add'))
    module.export(
      'quadruple',
      module.function(signature, (f, x) => f.get(x).call(twice).call(twice)),
    )
    const instance = new WebAssembly.Instance(new WebAssembly.Module(module.toBytes()), {})
    expect(instance.exports['quadruple']?.(5)).toBe(20)
  })

  it('uses atomic instructions on shared memory', () => {
    const { call, memory } = compileFunction([], ['i32'], (f) => {
      f.i32(8).i32(5).memory('i32.atomic.rmw.add').op('drop')
      f.i32(8).i32(1).memory('memory.atomic.notify').op('drop')
      f.i32(8).i32(0).i64(0n).memory('memory.atomic.wait32')
    })
    expect(call()).toBe(1)
    expect(new Int32Array(memory.buffer)[2]).toBe(5)
  })

  it.runIf(hasRelaxedSimd)('rounds a fused multiply-add once', () => {
    const x = 1 + 2 ** -12
    const { call } = compileFunction([], ['f32'], (f) =>
      f
        .f32x4(x)
        .f32x4(x)
        .f32x4(-(1 + 2 ** -11))
        .op('f32x4.relaxed_madd')
        .lane('f32x4.extract_lane', 0),
    )
    expect(call()).toBe(2 ** -24)
  })
})

describe('instruction codes', () => {
  it('are all different', () => {
    const codes = [
      ...Object.values(plain),
      ...Object.values(lane),
      ...Object.values(memory).map(([code]) => code),
      ...Object.values(memoryLane).map(([code]) => code),
    ]
    expect(new Set(codes).size).toBe(codes.length)
  })

  const stack = { i: 'i32', f: 'f32' } as const

  it.each(
    Object.entries({
      'i32.div_s': [-7, 2, -3],
      'i32.rem_s': [-7, 2, -1],
      'i32.shr_u': [-1, 28, 15],
      'i32.shl': [3, 2, 12],
      'i32.lt_u': [1, -1, 1],
      'i32.ge_s': [1, -1, 1],
      'f32.sub': [1, 3, -2],
      'f32.div': [1, 4, 0.25],
      'f32.max': [1, 4, 4],
      'f32.copysign': [1, -4, -1],
    }),
  )('%s', (name, [a = 0, b = 0, expected]) => {
    const type = name.startsWith('i') ? stack.i : stack.f
    const instruction = Object.keys(plain).find((key): key is keyof typeof plain => key === name)
    const { call } = compileFunction([type, type], [type], (f, x, y) => {
      f.get(x).get(y)
      if (instruction !== undefined) f.op(instruction)
    })
    expect(call(a, b)).toBe(expected)
  })
})
