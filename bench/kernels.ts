// Rates of the compiler's kernels beside the machine's own peak, on one thread:
//   npx esbuild bench/kernels.ts --bundle --platform=node --format=esm --outfile=dist/kernels.mjs && node dist/kernels.mjs [filter]
// Times are the process's own (another one may hold the processor). Repeats of all cases are interleaved, so that a noisy machine is noisy for all of them; each line is a median.

import { ModuleBuilder } from '../src/compiler/wasm/assembler.ts'
import type { FunctionBuilder } from '../src/compiler/wasm/assembler.ts'
import { multiplyAdd } from '../src/compiler/wasm/arithmetic.ts'
import type { Arithmetic } from '../src/compiler/wasm/arithmetic.ts'
import { relaxedSimd } from '../src/compiler/wasm/features.ts'
import { convolution, convolutionInputGradient } from '../src/compiler/wasm/kernels/convolution.ts'
import { emitKernelGradient } from '../src/compiler/wasm/kernels/convolution-kernel-gradient.ts'
import { emitMatmul } from '../src/compiler/wasm/kernels/matmul.ts'
import { emitMaxPoolGradient, emitPool, poolOf } from '../src/compiler/wasm/kernels/pool.ts'
import { emitTapSums } from '../src/compiler/wasm/kernels/taps.ts'
import { windowOf } from '../src/compiler/wasm/kernels/window.ts'

/** A kernel to time, with the floating-point operations that the mathematics asks for. */
type Case = { readonly name: string; readonly flops: number; readonly body: (f: FunctionBuilder) => void }

const arithmetic: Arithmetic = relaxedSimd() ? 'fma' : 'mul_add'
const MEBI = 2 ** 20

/** Twelve independent chains of multiply-adds in registers. */
function peak(): Case {
  const rounds = 100_000
  return {
    name: 'register-only peak',
    flops: rounds * 24 * 8,
    body(f) {
      const sums = f.locals('v128', 12)
      const [x, i] = [f.local('v128'), f.local('i32')]
      f.f32x4(0.5).set(x)
      f.for(i, 0, rounds, 1, () => {
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
}

function matmul(rows: number, depth: number, columns: number, transposeA = false, transposeB = false): Case {
  return {
    name: `matmul ${transposeA ? `[${depth}x${rows}]ᵀ` : `[${rows}x${depth}]`}·${transposeB ? `[${columns}x${depth}]ᵀ` : `[${depth}x${columns}]`}`,
    flops: 2 * rows * depth * columns,
    body(f) {
      emitMatmul(f, {
        a: 16 * MEBI,
        b: 64 * MEBI,
        output: 112 * MEBI,
        scratch: MEBI,
        batch: 1,
        sharedB: false,
        rows,
        columns,
        depth,
        transposeA,
        transposeB,
        arithmetic,
      })
    },
  }
}

/** Forward and both gradients of a square convolution with stride 1. */
function convolutions(
  batch: number,
  side: number,
  channels: number,
  filters: number,
  size: number,
  { padding = 0, groups = 1, stride = 1 } = {},
): Case[] {
  const out = Math.floor((side + 2 * padding - size) / stride) + 1
  const window = windowOf(
    [batch, side, side, channels],
    [size, size, channels / groups, filters],
    [batch, out, out, filters],
    {
      strides: [stride, stride],
      dilation: [1, 1],
      padding: [
        [padding, padding],
        [padding, padding],
      ],
      groups,
    },
  )
  const [x, kernel, y, scratch] = [16 * MEBI, 64 * MEBI, 112 * MEBI, MEBI]
  const flops = (2 * batch * out * out * size * size * channels * filters) / groups
  const spec = { window, kernel, arithmetic, scratch }
  const title = `${size}x${size} ${channels}->${filters} on ${side}x${side}${padding > 0 ? ' padded' : ''}${groups > 1 ? ` groups ${groups}` : ''}${stride > 1 ? ` stride ${stride}` : ''}, batch ${batch}`
  return [
    {
      name: `conv ${title}`,
      flops,
      body: (f) => emitTapSums(f, convolution({ ...spec, source: x, output: y })),
    },
    {
      name: `input gradient ${title}`,
      flops,
      body: (f) => emitTapSums(f, convolutionInputGradient({ ...spec, source: y, output: x })),
    },
    {
      name: `kernel gradient ${title}`,
      flops,
      body: (f) => emitKernelGradient(f, { window, x, dy: y, output: kernel, arithmetic, scratch }),
    },
  ]
}

/** A max pool of windows that do not overlap, and its gradient; counts one operation for each element of x. */
function pools(batch: number, side: number, channels: number): Case[] {
  const out = Math.floor(side / 2)
  const geometry = {
    size: [2, 2],
    strides: [2, 2],
    padding: [
      [0, 0],
      [0, 0],
    ] as const,
  }
  const pool = poolOf([batch, side, side, channels], [batch, out, out, channels], geometry)
  const [x, y, dy, output] = [16 * MEBI, 64 * MEBI, 112 * MEBI, 160 * MEBI]
  const flops = batch * side * side * channels
  const title = `max pool 2x2 on ${side}x${side}x${channels}, batch ${batch}`
  return [
    { name: title, flops, body: (f) => emitPool(f, { pool, function: 'max', x, output: y }) },
    {
      name: `gradient of ${title}`,
      flops,
      body: (f) => emitMaxPoolGradient(f, { pool, x, y, dy, output }),
    },
  ]
}

const cases: Case[] = [
  peak(),
  matmul(512, 512, 512),
  matmul(512, 512, 512, true),
  matmul(512, 512, 512, false, true),
  matmul(4, 2, 1),
  matmul(4, 2, 2),
  matmul(50, 784, 20),
  matmul(784, 50, 20, true),
  matmul(50, 20, 10),
  matmul(32, 784, 128),
  matmul(784, 32, 128, true),
  matmul(32, 128, 10),
  matmul(32, 10, 128, false, true),
  matmul(128, 784, 512),
  matmul(784, 128, 512, true),
  matmul(128, 512, 512),
  matmul(512, 128, 512, true),
  matmul(128, 512, 512, false, true),
  matmul(128, 512, 10),
  matmul(128, 1600, 10),
  matmul(256, 512, 1),
  matmul(512, 256, 1, true),
  matmul(64, 8192, 64, true),
  ...convolutions(128, 28, 1, 32, 3),
  ...pools(128, 26, 32),
  ...pools(128, 11, 64),
  ...convolutions(128, 13, 32, 64, 3),
  ...convolutions(128, 14, 32, 64, 3, { padding: 1 }),
  ...convolutions(32, 16, 64, 64, 3, { padding: 1, stride: 2 }),
  ...convolutions(32, 14, 128, 128, 3, { padding: 1 }),
  ...convolutions(32, 14, 64, 128, 1),
  ...convolutions(64, 14, 64, 64, 3, { padding: 1, groups: 64 }),
]

function run(selected: readonly Case[]): void {
  const limits = { initial: 4096, maximum: 4096, shared: true } as const
  const memory = new WebAssembly.Memory(limits)
  const data = new Float32Array(memory.buffer)
  for (let i = 0; i < data.length; i++) data[i] = ((i * 2654435761) % 1000) / 1000 - 0.5
  const module = new ModuleBuilder()
  module.importMemory('env', 'memory', limits)
  const timed = selected.map((entry, i) => {
    module.export(`${i}`, module.function({ params: [], results: [] }, entry.body))
    return { ...entry, times: [] as number[] }
  })
  const instance = new WebAssembly.Instance(new WebAssembly.Module(module.toBytes()), { env: { memory } })
  const repeats = (flops: number): number => Math.max(1, Math.round(1e8 / flops))
  for (let round = 0; round < 40; round++) {
    timed.forEach(({ flops, times }, i) => {
      const call = instance.exports[`${i}`]
      const count = Math.min(repeats(flops), 100_000)
      const start = process.cpuUsage()
      for (let k = 0; k < count; k++) call?.()
      const { user, system } = process.cpuUsage(start)
      times.push((user + system) / 1000 / count)
    })
  }
  for (const { name, flops, times } of timed) {
    const sorted = times.slice(10).sort((x, y) => x - y)
    const median = sorted[Math.floor(sorted.length / 2)] ?? NaN
    const best = sorted[0] ?? NaN
    const rate = (time: number): string => (flops / time / 1e6).toFixed(1).padStart(6)
    const micros = (median * 1e3).toFixed(3).padStart(11)
    console.log(`${name.padEnd(44)}${micros} us ${rate(median)} GFLOP/s  best ${rate(best)}`)
  }
}

const filter = process.argv[2] ?? ''
run(cases.filter(({ name }, i) => i === 0 || name.includes(filter)))
