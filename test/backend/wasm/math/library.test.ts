import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'

import type { Arithmetic } from '../../../../src/backend/plan/arithmetic.ts'
import { relaxedSimd } from '../../../../src/backend/wasm/assembler/features.ts'
import type { FunctionBuilder } from '../../../../src/backend/wasm/assembler/function-builder.ts'
import { ModuleBuilder } from '../../../../src/backend/wasm/assembler/module-builder.ts'
import { MathLibrary } from '../../../../src/backend/wasm/math/library.ts'
import { BINARY, UNARY } from '../../../../src/ir/interpreter/scalar-functions.ts'
import type { UnaryFunction } from '../../../../src/ir/ir.ts'

const hasFma = relaxedSimd()

/** Runs a function over vectors; lane k of every vector holds xs[k], xs[k + 4] ... */
function run(
  arithmetic: Arithmetic,
  emit: (library: MathLibrary, f: FunctionBuilder) => void,
  xs: Float32Array,
  ys = xs,
): Float32Array {
  const bytes = 4 * Math.ceil(xs.length / 4) * 4
  const pages = Math.ceil((3 * bytes) / 65536) + 1
  const module = new ModuleBuilder()
  module.importMemory('env', 'memory', { initial: pages, maximum: pages, shared: true })
  const library = new MathLibrary(module, arithmetic)
  const loop = module.function({ params: [], results: [] }, (f) => {
    const i = f.local('i32')
    f.for(i, 0, bytes, 16, () => {
      f.get(i).get(i).memory('v128.load').get(i).memory('v128.load', bytes)
      emit(library, f)
      f.memory('v128.store', 2 * bytes)
    })
  })
  module.export('run', loop)
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true })
  const instance = new WebAssembly.Instance(new WebAssembly.Module(module.toBytes()), { env: { memory } })
  const data = new Float32Array(memory.buffer)
  data.set(xs)
  data.set(ys, bytes / 4)
  instance.exports['run']?.()
  return data.slice(bytes / 2, bytes / 2 + xs.length)
}

function evaluate(arithmetic: Arithmetic, name: UnaryFunction, xs: Float32Array): Float32Array {
  return run(arithmetic, (library, f) => library.unary(f.op('drop'), name), xs)
}

function powerOf(arithmetic: Arithmetic, pairs: readonly Pair[]): Float32Array {
  const [xs, ys] = [pairs.map(([x]) => x), pairs.map(([, y]) => y)]
  return run(
    arithmetic,
    (library, f) => library.binary(f, 'pow'),
    Float32Array.from(xs),
    Float32Array.from(ys),
  )
}

/** The distance of f32 x from the exact value, in units of the exact value's last place as f32. */
function ulps(x: number, exact: number): number {
  if (Number.isNaN(exact)) return Number.isNaN(x) ? 0 : Infinity
  const rounded = Math.fround(exact)
  if (x === rounded) return 0
  if (!Number.isFinite(rounded) || !Number.isFinite(x)) return Infinity
  const exponent = Math.max(Math.floor(Math.log2(Math.abs(exact))), -126)
  return Math.abs(x - exact) / 2 ** (exponent - 23)
}

type Pair = readonly [number, number]

function product(xs: readonly number[], ys: readonly number[]): Pair[] {
  return xs.flatMap((x) => ys.map((y): Pair => [x, y]))
}

function geometric(low: number, high: number, ratio: number): number[] {
  const count = Math.floor(Math.log(high / low) / Math.log(ratio))
  return Array.from({ length: count }, (_, i) => low * ratio ** i)
}

function evenly(low: number, high: number, step: number): number[] {
  return Array.from({ length: Math.floor((high - low) / step) + 1 }, (_, i) => low + i * step)
}

function between(low: number, high: number, count = 20001): Float32Array {
  return Float32Array.from({ length: count }, (_, i) => low + ((high - low) * i) / (count - 1))
}

/** Both signs of every power of 2 and numbers between them. */
function powers(low: number, high: number): Float32Array {
  const found: number[] = []
  for (let e = low; e <= high; e += 0.01) found.push(2 ** e, -(2 ** e))
  return Float32Array.from(found)
}

type Case = { name: UnaryFunction; samples: Float32Array[]; limit: number; flushed?: number }

const CASES: Case[] = [
  {
    name: 'exp',
    samples: [between(-87, 88.7), between(-1, 1), powers(-40, 6)],
    limit: 1.1,
    flushed: 1.7e-38,
  },
  { name: 'expm1', samples: [between(-30, 88.7), between(-1, 1), powers(-40, 6)], limit: 2 },
  { name: 'log', samples: [between(1e-3, 4), powers(-149, 127.9)], limit: 1 },
  { name: 'log1p', samples: [between(-0.99, 4), powers(-40, 127.9)], limit: 2.5 },
  { name: 'tanh', samples: [between(-12, 12), powers(-40, 127)], limit: 2.5 },
  { name: 'sigmoid', samples: [between(-86, 86), between(-4, 4)], limit: 2.5, flushed: 2 ** -126 },
  { name: 'softplus', samples: [between(-86, 86), between(-4, 4)], limit: 2.5, flushed: 1.7e-38 },
  { name: 'erf', samples: [between(-5, 5), powers(-40, 127)], limit: 2.5 },
  { name: 'sin', samples: [between(-10, 10), powers(-40, 19.9)], limit: 1.5 },
  { name: 'cos', samples: [between(-10, 10), powers(-40, 19.9)], limit: 1.5 },
  { name: 'rsqrt', samples: [powers(-126, 127.9)], limit: 1.6 },
  { name: 'sqrt', samples: [powers(-126, 127.9)], limit: 0.5 },
  { name: 'abs', samples: [powers(-10, 10)], limit: 0 },
  { name: 'neg', samples: [powers(-10, 10)], limit: 0 },
  { name: 'ceil', samples: [powers(-10, 30)], limit: 0 },
  { name: 'floor', samples: [powers(-10, 30)], limit: 0 },
  { name: 'relu', samples: [powers(-10, 10)], limit: 0 },
  { name: 'sign', samples: [powers(-10, 10)], limit: 0 },
  { name: 'square', samples: [powers(-10, 10)], limit: 0.5 },
]

const SPECIAL = Float32Array.of(0, -0, 1, -1, Infinity, -Infinity, NaN, 3e38, -3e38, 1e-30, -1e-30, 100, -100)

const PINNED: Record<Arithmetic, string> = {
  mul_add: 'bc1f74c8dc99b0da3778abb4f63faf1b1d7e9f00a2db2f8f66880dcd454c85a9',
  fma: '5406bbcd1fc6f27a0c4ee04885390075c3228de2ea9ace4630155f94fdb5b53c',
}

const arithmetics: Arithmetic[] = hasFma ? ['mul_add', 'fma'] : ['mul_add']

describe.each(arithmetics)('in %s arithmetic', (arithmetic) => {
  test.each(CASES)('$name is within $limit ulp', ({ name, samples, limit, flushed = 0 }) => {
    let worst = 0
    for (const xs of samples) {
      evaluate(arithmetic, name, xs).forEach((y, i) => {
        const exact = UNARY[name](xs[i] ?? NaN)
        if (Math.abs(exact) < flushed && y === 0) return
        worst = Math.max(worst, ulps(y, exact))
      })
    }
    expect(worst).toBeLessThanOrEqual(limit)
  })

  test.each(CASES.filter(({ name }) => name !== 'sin' && name !== 'cos'))(
    '$name is right at zeros, infinities, NaN and far out',
    ({ name, limit, flushed = 0 }) => {
      evaluate(arithmetic, name, SPECIAL).forEach((y, i) => {
        const exact = UNARY[name](SPECIAL[i] ?? NaN)
        if (Math.abs(exact) < Math.max(flushed, 2 ** -126) && y === 0) return
        expect(ulps(y, exact), `${name}(${SPECIAL[i]}) = ${y}`).toBeLessThanOrEqual(limit)
      })
    },
  )

  test('sin and cos of infinity are NaN and of huge numbers bounded', () => {
    for (const name of ['sin', 'cos'] as const) {
      const [a, b, c] = evaluate(arithmetic, name, Float32Array.of(Infinity, NaN, 1e30))
      expect([a, b]).toEqual([NaN, NaN])
      expect(Math.abs(c ?? NaN)).toBeLessThanOrEqual(1)
    }
  })

  test('pow is within 1 ulp', () => {
    const pairs = [
      ...product(geometric(0.01, 1e6, 1.13), evenly(-8, 8, 0.37)),
      ...product(evenly(-4, 4, 0.5), evenly(-5, 5, 0.5)),
      ...product([0.999], geometric(1, 1e6, 1.7).map(Math.round)),
    ]
    const results = powerOf(arithmetic, pairs)
    const wrong = pairs.filter(([x, y], i) => {
      const exact = BINARY.pow(Math.fround(x), Math.fround(y))
      return Math.abs(exact) >= 2 ** -126 && ulps(results[i] ?? NaN, exact) > 1
    })
    expect(wrong).toEqual([])
  })

  test('pow is right at zeros, infinities and NaN', () => {
    const special = [0, -0, 1, -1, 2, -2, 0.5, 0.001, Infinity, -Infinity, NaN].map(Math.fround)
    const pairs = product(special, special)
    const results = powerOf(arithmetic, pairs)
    for (const [i, [x, y]] of pairs.entries()) {
      expect(ulps(results[i] ?? 0, BINARY.pow(x, y)), `${x} ^ ${y}`).toBeLessThanOrEqual(1)
    }
  })

  test('every lane has the same bits', () => {
    const xs = between(-8, 8, 257)
    for (const { name } of CASES) {
      const shifted = evaluate(arithmetic, name, Float32Array.from([0, ...xs])).subarray(1)
      expect(Buffer.from(new Uint8Array(evaluate(arithmetic, name, xs).buffer))).toEqual(
        Buffer.from(new Uint8Array(shifted.slice().buffer)),
      )
    }
  })

  test('the bits are pinned', () => {
    const hash = createHash('sha256')
    for (const { name } of CASES) hash.update(evaluate(arithmetic, name, between(0.01, 40, 4001)))
    hash.update(powerOf(arithmetic, product(evenly(0.01, 40, 0.6), evenly(-3, 3, 0.1))))
    expect(hash.digest('hex')).toBe(PINNED[arithmetic])
  })
})
