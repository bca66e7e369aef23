import type { Arithmetic } from '../src/backend/plan/arithmetic.ts'
import { isProduct } from '../src/backend/plan/products.ts'
import { relaxedSimd } from '../src/backend/wasm/assembler/features.ts'
import type { FunctionBuilder } from '../src/backend/wasm/assembler/function-builder.ts'
import { emitMaxPoolGradient, emitPool, poolOf } from '../src/backend/wasm/kernels/pool.ts'
import { emitProduct } from '../src/backend/wasm/kernels/products.ts'
import { multiplyAdd } from '../src/backend/wasm/math/arithmetic.ts'
import { Builder } from '../src/ir/builder.ts'
import type { ConvolutionGeometry, PoolGeometry, Value } from '../src/ir/ir.ts'
import { operands } from '../src/ir/ops/index.ts'

/**
 * A kernel to time, with the floating-point operations that the mathematics asks for. A kernel that waits for memory is
 * measured against `copy`, which does too, any other against `peak`.
 */
export type Case = {
  readonly name: string
  readonly flops: number
  readonly bound?: 'memory'
  readonly body: (f: FunctionBuilder) => void
}

export const arithmetic: Arithmetic = relaxedSimd() ? 'fma' : 'mul_add'

const MEBI = 2 ** 20
const [FIRST, SECOND, OUTPUT, SCRATCH] = [16 * MEBI, 64 * MEBI, 112 * MEBI, 160 * MEBI]
/** Bytes of memory that the cases need. */
export const MEMORY = 256 * MEBI

/** Twelve independent chains of multiply-adds in registers. */
export const peak: Case = {
  name: 'register-only peak',
  flops: 100_000 * 24 * 8,
  body(f) {
    const sums = f.locals('v128', 12)
    const [x, i] = [f.local('v128'), f.local('i32')]
    f.f32x4(0.5).set(x)
    f.for(i, 0, 100_000, 1, () => {
      for (const sum of [...sums, ...sums]) {
        f.get(x).get(x)
        multiplyAdd(f, arithmetic, () => f.get(sum))
        f.set(sum)
      }
    })
    for (const sum of sums)
      f.i32(64).i32(64).memory('v128.load').get(sum).op('f32x4.add').memory('v128.store')
  },
}

/** A copy of as many numbers as the pools of the check read, one operation for each. */
export const copy: Case = {
  name: 'copy',
  flops: 32 * 26 * 26 * 32,
  body(f) {
    const [from, to] = [f.local('i32'), f.local('i32')]
    f.i32(OUTPUT).set(to)
    f.for(from, FIRST, FIRST + 4 * copy.flops, 16, () => {
      f.get(to).get(from).memory('v128.load').memory('v128.store')
      f.get(to).i32(16).op('i32.add').set(to)
    })
  },
}

/** The kernel that the compiler chooses for a matrix product or a convolution. */
function product(name: string, flops: number, make: (b: Builder) => Value): Case {
  const value = make(new Builder())
  if (!isProduct(value)) throw new Error(`${name} is no product`)
  const [first] = operands(value)
  const addressOf = (operand: Value): number => (operand === first ? FIRST : SECOND)
  const place = { addressOf, output: OUTPUT, scratch: SCRATCH, arithmetic }
  return { name, flops, body: (f) => emitProduct(f, value, place, undefined) }
}

export function matmul(
  rows: number,
  depth: number,
  columns: number,
  transposeA = false,
  transposeB = false,
): Case {
  const [a, c] = [
    transposeA ? [depth, rows] : [rows, depth],
    transposeB ? [columns, depth] : [depth, columns],
  ]
  const name = `matmul [${a.join('x')}]${transposeA ? 'ᵀ' : ''}·[${c.join('x')}]${transposeB ? 'ᵀ' : ''}`
  return product(name, 2 * rows * depth * columns, (b) =>
    b.matmul(b.input('a', a), b.input('c', c), { transposeA, transposeB }),
  )
}

/** Forward and both gradients of a square convolution. */
export function convolutions(
  batch: number,
  side: number,
  channels: number,
  filters: number,
  size: number,
  { padding = 0, groups = 1, stride = 1 } = {},
): Case[] {
  const out = Math.floor((side + 2 * padding - size) / stride) + 1
  const [x, kernel, y] = [
    [batch, side, side, channels],
    [size, size, channels / groups, filters],
    [batch, out, out, filters],
  ]
  const around = [padding, padding] as const
  const geometry: ConvolutionGeometry = {
    strides: [stride, stride],
    dilation: [1, 1],
    padding: [around, around],
    groups,
  }
  const flops = (2 * batch * out * out * size * size * channels * filters) / groups
  const title = `${size}x${size} ${channels}->${filters} on ${side}x${side}${padding > 0 ? ' padded' : ''}${groups > 1 ? ` groups ${groups}` : ''}${stride > 1 ? ` stride ${stride}` : ''}, batch ${batch}`
  return [
    product(`conv ${title}`, flops, (b) =>
      b.convolution(b.input('x', x), b.input('kernel', kernel), geometry),
    ),
    product(`input gradient ${title}`, flops, (b) =>
      b.convolutionInputGradient(b.input('dy', y), b.input('kernel', kernel), x, geometry),
    ),
    product(`kernel gradient ${title}`, flops, (b) =>
      b.convolutionKernelGradient(b.input('x', x), b.input('dy', y), kernel, geometry),
    ),
  ]
}

/** A max pool of windows that do not overlap, and its gradient; counts one operation for each element of x. */
export function pools(batch: number, side: number, channels: number): Case[] {
  const out = Math.floor(side / 2)
  const none = [0, 0] as const
  const geometry: PoolGeometry = { size: [2, 2], strides: [2, 2], padding: [none, none] }
  const pool = poolOf([batch, side, side, channels], [batch, out, out, channels], geometry)
  const flops = batch * side * side * channels
  const title = `max pool 2x2 on ${side}x${side}x${channels}, batch ${batch}`
  return [
    {
      name: title,
      flops,
      bound: 'memory',
      body: (f) => emitPool(f, { pool, function: 'max', x: FIRST, output: SECOND }),
    },
    {
      name: `gradient of ${title}`,
      flops,
      bound: 'memory',
      body: (f) => emitMaxPoolGradient(f, { pool, x: FIRST, y: SECOND, dy: OUTPUT, output: SCRATCH }),
    },
  ]
}
