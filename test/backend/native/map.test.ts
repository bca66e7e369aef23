import { describe, expect, it } from 'vitest'

import type { LongFunction } from '../../../src/backend/plan/element-program.ts'
import { ModuleBuilder } from '../../../src/backend/wasm/assembler/module-builder.ts'
import { emitMap } from '../../../src/backend/wasm/kernels/map.ts'
import { MathLibrary } from '../../../src/backend/wasm/math/library.ts'
import type { Native } from '../../../src/engine/compiled/native.ts'
import { randomBits, stream } from '../../../src/random.ts'
import { hasRelaxedSimd } from '../wasm/support.ts'
import { nativeFor, vectorNames } from './natives.ts'

const FUNCTIONS = ['erf', 'exp', 'expm1', 'log', 'log1p', 'sigmoid', 'softplus', 'tanh'] as const
const SPECIAL = [0, -0, 1, -1, Infinity, -Infinity, NaN, 1e-40, -1e-40, 88.7, 89, -87.4, 104, -104, 4, 9.02]
const [X, OUTPUT] = [1024, 65536]

/** Numbers where functions bend, numbers near 0, and numbers of any bits. */
function argumentsOf(length: number): Float32Array {
  const bits = randomBits(stream(1, 'x'), 0, length)
  const any = new Float32Array(Uint32Array.from(bits).buffer)
  return any.map((x, i) => SPECIAL[i] ?? (i % 2 === 0 ? ((bits[i] ?? 0) / 2 ** 32) * 20 - 10 : x))
}

/** The bytes of a memory after some threads evaluated a function; before, they held a pattern. */
function memoryAfter(name: LongFunction, length: number, threads: number, native: Native): Buffer {
  const limits = { initial: 2, maximum: 2, shared: true } as const
  const memory = new WebAssembly.Memory(limits)
  const floats = new Float32Array(memory.buffer).fill(7)
  floats.set(argumentsOf(length), X / 4)
  const tiles = native.functionsOn(memory)
  const module = new ModuleBuilder()
  const params = ['i32', 'i32', 'i32', 'i32', 'i32'] as const
  const call = module.importFunction('env', 'multiply', { params, results: [] })
  module.importMemory('env', 'memory', limits)
  const math = new MathLibrary(module, 'fma')
  const spec = { x: X, output: OUTPUT, length, function: name }
  const run = module.function({ params: ['i32', 'i32'], results: [] }, (f, thread, count) =>
    emitMap(f, spec, { tiles, call }, math, { thread, threads: count }),
  )
  module.export('run', run)
  const env = { memory, multiply: native.load(tiles).multiply() }
  const instance = new WebAssembly.Instance(new WebAssembly.Module(module.toBytes()), { env })
  for (let thread = 0; thread < threads; thread++) instance.exports['run']?.(thread, threads)
  return Buffer.from(floats.buffer)
}

/** The same bytes as WebAssembly alone leaves them. */
function expectedAfter(name: LongFunction, length: number): Buffer {
  const limits = { initial: 2, maximum: 2, shared: true } as const
  const memory = new WebAssembly.Memory(limits)
  const floats = new Float32Array(memory.buffer).fill(7)
  floats.set(argumentsOf(length), X / 4)
  const module = new ModuleBuilder()
  module.importMemory('env', 'memory', limits)
  const math = new MathLibrary(module, 'fma')
  const run = module.function({ params: [], results: [] }, (f) => {
    const at = f.local('i32')
    f.for(at, 0, 4 * length, 16, () => {
      f.get(at).get(at).memory('v128.load', X)
      math.unary(f, name)
      f.memory('v128.store', OUTPUT)
    })
  })
  module.export('run', run)
  new WebAssembly.Instance(new WebAssembly.Module(module.toBytes()), { env: { memory } }).exports['run']?.()
  floats.fill(7, OUTPUT / 4 + length)
  return Buffer.from(floats.buffer)
}

describe.each(vectorNames)('functions in %s machine code', (vectors) => {
  const native = nativeFor(vectors)
  const missing = native === undefined || !hasRelaxedSimd

  it.skipIf(missing).each(FUNCTIONS)('have the bits of WebAssembly, and write nowhere else: %s', (name) => {
    if (native === undefined) return
    for (const [length, threads] of [[512, 1] as const, [4111, 3] as const, [6, 2] as const])
      expect(memoryAfter(name, length, threads, native).equals(expectedAfter(name, length))).toBe(true)
  })
})
