// Elementwise ops, reductions, products and rearrangements, on the inputs that tell wrong kernels from right ones:
// batches of one, axes of length 1, operands that broadcast, numbers far from 0.
import type { Tensor1D, Tensor2D } from '@tensorflow/tfjs-core'
import { uniform } from './kernels.case.ts'
import type { Case } from './kernels.case.ts'
import * as reference from './kernels.reference.ts'
import type { NdArray, Shape } from './kernels.reference.ts'

const range = (from: number, to: number, count = 41): NdArray => ({
  shape: [count],
  values: Float64Array.from({ length: count }, (_, i) => Math.fround(from + ((to - from) * i) / (count - 1))),
})

const logistic = (x: number) => 1 / (1 + Math.exp(-x))
const softplus = (x: number) => Math.max(x, 0) + Math.log1p(Math.exp(-Math.abs(x)))

const unaryNames = [
  'exp',
  'log',
  'log1p',
  'expm1',
  'sqrt',
  'rsqrt',
  'tanh',
  'sigmoid',
  'softplus',
  'erf',
  'sin',
  'cos',
  'floor',
  'ceil',
  'sign',
  'abs',
  'neg',
  'relu',
  'square',
] as const
const unary: Record<(typeof unaryNames)[number], [f: (x: number) => number, ...inputs: NdArray[]]> = {
  exp: [Math.exp, range(-20, 20)],
  log: [Math.log, range(1e-2, 3), range(1, 1e6)],
  log1p: [Math.log1p, range(-0.99, 3), range(-1e-3, 1e-3), range(1, 1e6)],
  expm1: [Math.expm1, range(-20, 20), range(-1e-3, 1e-3)],
  sqrt: [Math.sqrt, range(1e-2, 100)],
  rsqrt: [(x) => 1 / Math.sqrt(x), range(1e-2, 100)],
  tanh: [Math.tanh, range(-10, 10), range(-1e-3, 1e-3)],
  sigmoid: [logistic, range(-30, 30)],
  softplus: [softplus, range(-30, 30), range(-1, 1)],
  erf: [erf, range(-4, 4), range(-1e-2, 1e-2)],
  sin: [Math.sin, range(-20, 20)],
  cos: [Math.cos, range(-20, 20)],
  floor: [Math.floor, range(-5.3, 5.25)],
  ceil: [Math.ceil, range(-5.3, 5.25)],
  sign: [Math.sign, range(-5.3, 5.25)],
  abs: [Math.abs, range(-5.3, 5.25)],
  neg: [(x) => -x, range(-5.3, 5.25)],
  relu: [(x) => Math.max(x, 0), range(-5.3, 5.25)],
  square: [(x) => x * x, range(-5.3, 5.25)],
}

/** Abramowitz and Stegun 7.1.5, the Maclaurin series, summed until it stands still: exact enough up to |x| = 4. */
function erf(x: number): number {
  let term = x
  let sum = x
  for (let n = 1; n < 200; n++) {
    term *= (-x * x) / n
    sum += term / (2 * n + 1)
  }
  return (2 / Math.sqrt(Math.PI)) * sum
}

const elementwise = unaryNames.flatMap((name): Case[] => {
  const [f, ...inputs] = unary[name]
  return inputs.map((x, i) => ({
    name: inputs.length > 1 ? `${name}, range ${i + 1}` : name,
    inputs: [x],
    run: (tf, x) => tf[name](x),
    reference: reference.elementwise(f),
  }))
})

const binaryNames = ['add', 'sub', 'mul', 'div', 'maximum', 'minimum', 'pow', 'squaredDifference'] as const
const binary: Record<(typeof binaryNames)[number], (a: number, b: number) => number> = {
  add: (a, b) => a + b,
  sub: (a, b) => a - b,
  mul: (a, b) => a * b,
  div: (a, b) => a / b,
  maximum: Math.max,
  minimum: Math.min,
  pow: Math.pow,
  squaredDifference: (a, b) => (a - b) ** 2,
}

/** Pairs of shapes that numpy's rules broadcast. */
const broadcasts: [Shape, Shape][] = [
  [
    [3, 4],
    [3, 4],
  ],
  [[3, 4], [4]],
  [[4], [3, 4]],
  [[3, 4], []],
  [[], [3, 4]],
  [
    [3, 1],
    [1, 4],
  ],
  [
    [2, 1, 3],
    [4, 1],
  ],
  [[2, 3, 4, 5], [5]],
  [
    [2, 3, 4, 5],
    [3, 1, 1],
  ],
  [
    [2, 1, 4, 1],
    [1, 3, 1, 5],
  ],
  [
    [1, 5],
    [1, 1],
  ],
]

const broadcasting = binaryNames.flatMap((name) =>
  broadcasts.map(([a, b]): Case => ({
    name: `${name} of [${a.join()}] and [${b.join()}]`,
    inputs: [uniform(a, 0.5, 2, 'a'), uniform(b, 0.5, 2, 'b')],
    run: (tf, x, y) => tf[name](x, y),
    reference: reference.elementwise(binary[name]),
  })),
)

const choices: Case[] = [
  ...(['less', 'lessEqual', 'greater', 'greaterEqual', 'equal'] as const).map((name): Case => ({
    name: `where ${name}`,
    inputs: [range(-2, 2), range(2, -2.1)],
    run: (tf, x, y) => tf.where(tf[name](x, y), tf.mul(x, 2), tf.mul(y, x)),
    reference: reference.elementwise((x, y) => {
      const holds = { less: x < y, lessEqual: x <= y, greater: x > y, greaterEqual: x >= y, equal: x === y }
      return holds[name] ? 2 * x : x * y
    }),
  })),
  ...broadcasts.map(([a, b]): Case => ({
    name: `where, of [${a.join()}] and [${b.join()}]`,
    inputs: [uniform(a, -1, 1, 'a'), uniform(b, -1, 1, 'b')],
    run: (tf, x, y) => tf.where(tf.greater(x, 0), x, y),
    reference: reference.elementwise((x, y) => (x > 0 ? x : y)),
  })),
  {
    name: 'pow of negative numbers to an integer',
    inputs: [uniform([7], -2, -0.5)],
    run: (tf, x) => tf.pow(x, 3),
    reference: reference.elementwise((x) => x ** 3),
  },
  {
    name: 'clipByValue',
    inputs: [range(-2, 2.3)],
    run: (tf, x) => tf.clipByValue(x, -1, 1.5),
    reference: reference.elementwise((x) => Math.min(Math.max(x, -1), 1.5)),
  },
]

const reducers = {
  sum: (v: number[]) => v.reduce((a, b) => a + b, 0),
  mean: (v: number[]) => v.reduce((a, b) => a + b, 0) / v.length,
  max: (v: number[]) => Math.max(...v),
  min: (v: number[]) => Math.min(...v),
  prod: (v: number[]) => v.reduce((a, b) => a * b, 1),
}
const reductions: [Shape, number[]][] = [
  [[5], [0]],
  [[3, 4], [0]],
  [[3, 4], [1]],
  [
    [3, 4],
    [0, 1],
  ],
  [[1, 5], [0]],
  [[5, 1], [0]],
  [[5, 1], [1]],
  [[1, 5], [1]],
  [[2, 3, 4], [1]],
  [[2, 1, 4], [1]],
  [
    [2, 1, 4],
    [0, 1],
  ],
  [[2, 3, 1], [1]],
  [
    [1, 3, 1, 4],
    [0, 2],
  ],
  [[1, 3, 1, 4], [1]],
  [[1, 1, 3], [0]],
  [
    [2, 3, 4, 5],
    [0, 1, 2],
  ],
  [
    [2, 3, 4, 5],
    [1, 3],
  ],
  [
    [2, 2, 2, 2, 3],
    [1, 2, 3],
  ],
]
const reducing = (['sum', 'mean', 'max', 'min', 'prod'] as const).flatMap((name) =>
  reductions.flatMap(([shape, axes]) =>
    [false, true].map((keepDims): Case => ({
      name: `${name} of [${shape.join()}] over ${axes.join()}${keepDims ? ', kept' : ''}`,
      inputs: [uniform(shape, -2, 2)],
      run: (tf, x) => tf[name](x, axes, keepDims),
      reference: (x) => reference.reduce(x, axes, reducers[name], keepDims),
    })),
  ),
)

const products = [false, true].flatMap((transposeA) =>
  [false, true].flatMap((transposeB) =>
    (
      [
        [[], 3, 4, 5],
        [[], 1, 4, 5],
        [[], 3, 1, 5],
        [[], 3, 4, 1],
        [[], 7, 17, 9],
        [[2], 3, 4, 5],
        [[1], 3, 4, 5],
        [[2, 3], 4, 5, 2],
      ] as const
    ).map(([lead, m, k, n]): Case => ({
      name: `matMul [${lead.join()}] ${m} x ${k} x ${n}${transposeA ? ', a transposed' : ''}${transposeB ? ', b transposed' : ''}`,
      inputs: [
        uniform([...lead, ...(transposeA ? [k, m] : [m, k])], -1, 1, 'a'),
        uniform([...lead, ...(transposeB ? [n, k] : [k, n])], -1, 1, 'b'),
      ],
      run: (tf, x, y) => tf.matMul(x, y, transposeA, transposeB),
      reference: (x, y) => reference.matMul(x, y, transposeA, transposeB),
    })),
  ),
)

const permutations = [
  [1, 0],
  [0, 2, 1],
  [2, 0, 1],
  [1, 0, 2, 3],
  [0, 3, 1, 2],
  [3, 1, 2, 0],
  [4, 2, 0, 3, 1],
  [0, 1, 2, 3],
]
const picks = [2, 0, 2, 1, 2]
const segments = [1, 0, 3, 1, -1, 3]

const rearranging: Case[] = [
  ...permutations.flatMap((perm) =>
    [
      [2, 3, 4, 2, 3],
      [1, 3, 1, 2, 1],
      [2, 1, 3, 1, 2],
    ].map((sizes): Case => ({
      name: `transpose [${sizes.slice(0, perm.length).join()}] by ${perm.join()}`,
      inputs: [uniform(sizes.slice(0, perm.length))],
      run: (tf, x) => tf.transpose(x, perm),
      reference: (x) => reference.transpose(x, perm),
    })),
  ),
  {
    name: 'reshape',
    inputs: [uniform([2, 3, 4])],
    run: (tf, x) => tf.reshape(x, [4, 6]),
    reference: (x) => reference.reshape(x, [4, 6]),
  },
  ...(
    [
      [[0], [5]],
      [[1], [3, 4]],
      [
        [0, 2],
        [2, 3, 4],
      ],
      [[1], [2, 3, 4, 2]],
    ] as const
  ).map(([axes, shape]): Case => ({
    name: `reverse [${shape.join()}] along ${axes.join()}`,
    inputs: [uniform(shape)],
    run: (tf, x) => tf.reverse(x, [...axes]),
    reference: (x) => reference.reverse(x, axes),
  })),
  ...(
    [
      [[5], [1], [3]],
      [
        [3, 4],
        [0, 1],
        [3, 2],
      ],
      [
        [3, 4],
        [1, 0],
        [2, 4],
      ],
      [
        [2, 5, 3],
        [0, 3, 0],
        [2, 1, 3],
      ],
      [
        [2, 3, 4, 5],
        [1, 0, 2, 1],
        [1, 3, 2, 3],
      ],
      [
        [2, 2, 3, 2, 3],
        [0, 1, 0, 0, 1],
        [2, 1, 2, 2, 2],
      ],
    ] as const
  ).map(([shape, begin, size]): Case => ({
    name: `slice [${shape.join()}] to [${size.join()}]`,
    inputs: [uniform(shape)],
    run: (tf, x) => tf.slice(x, [...begin], [...size]),
    reference: (x) => reference.slice(x, begin, size),
  })),
  ...([[3], [2, 3], [2, 3, 2], [2, 3, 4, 1], [1, 2, 3, 2, 2]] as const).map((shape): Case => ({
    name: `pad [${shape.join()}]`,
    inputs: [uniform(shape)],
    run: (tf, x) =>
      tf.pad(
        x,
        shape.map((_, axis) => [axis % 2, (axis + 1) % 3]),
      ),
    reference: (x) =>
      reference.pad(
        x,
        shape.map((_, axis) => [axis % 2, (axis + 1) % 3]),
      ),
  })),
  ...(
    [
      [[3], [2], 0],
      [[2, 3], [4, 3], 0],
      [[2, 3], [2, 1], 1],
      [[2, 3, 4], [2, 2, 4], 1],
      [[2, 3, 4, 2], [2, 3, 4, 3], 3],
      [[1, 2, 2, 2, 3], [1, 2, 1, 2, 3], 2],
    ] as const
  ).map(([a, b, axis]): Case => ({
    name: `concat [${a.join()}] and [${b.join()}] along ${axis}`,
    inputs: [uniform(a, -1, 1, 'a'), uniform(b, -1, 1, 'b')],
    run: (tf, x, y) => tf.concat([x, y], axis),
    reference: (x, y) => reference.concat([x, y], axis),
  })),
  ...(
    [
      [[3], [2]],
      [
        [2, 3],
        [1, 3],
      ],
      [
        [2, 1, 3],
        [2, 4, 1],
      ],
      [
        [1, 2, 2, 1],
        [3, 1, 2, 2],
      ],
      [
        [1, 2, 2, 2, 1],
        [2, 2, 1, 2, 3],
      ],
    ] as const
  ).map(([shape, reps]): Case => ({
    name: `tile [${shape.join()}] by ${reps.join()}`,
    inputs: [uniform(shape)],
    run: (tf, x) => tf.tile(x, [...reps]),
    reference: (x) => reference.tile(x, reps),
  })),
  ...(
    [
      [[], [3]],
      [[1], [4]],
      [[3], [2, 3]],
      [
        [2, 1, 3],
        [2, 4, 3],
      ],
      [
        [1, 1, 1, 2],
        [2, 3, 4, 2],
      ],
      [
        [3, 1, 1],
        [2, 3, 4, 2],
      ],
      [
        [1, 2, 1, 2, 1],
        [3, 2, 2, 2, 2],
      ],
    ] as const
  ).map(([from, to]): Case => ({
    name: `broadcastTo [${from.join()}] to [${to.join()}]`,
    inputs: [uniform(from)],
    run: (tf, x) => tf.broadcastTo(x, [...to]),
    reference: (x) => reference.broadcastTo(x, to),
  })),
  ...(
    [
      [[3], 0],
      [[3, 4], 0],
      [[3, 2, 2], 0],
      [[2, 3], 1],
      [[2, 3, 2], 1],
      [[2, 2, 3], -1],
    ] as const
  ).map(([shape, axis]): Case => ({
    name: `gather from [${shape.join()}] along ${axis}`,
    notNative: axis < 0,
    inputs: [uniform(shape)],
    run: (tf, x) => tf.gather(x, tf.tensor1d(picks, 'int32'), axis),
    reference: (x) => reference.gather(x, picks, axis < 0 ? axis + shape.length : axis),
  })),
  {
    name: 'gather by a matrix of indices',
    inputs: [uniform([3, 4])],
    run: (tf, x) => tf.gather(x, tf.tensor2d([2, 0, 2, 1, 1, 2], [2, 3], 'int32')),
    reference: (x) => reference.reshape(reference.gather(x, [2, 0, 2, 1, 1, 2], 0), [2, 3, 4]),
  },
  ...[[6], [6, 3], [6, 2, 2]].map((shape): Case => ({
    name: `unsortedSegmentSum of [${shape.join()}]`,
    inputs: [uniform(shape)],
    run: (tf, x) => tf.unsortedSegmentSum(x, tf.tensor1d(segments, 'int32'), 5),
    reference: (x) => reference.segmentSum(x, segments, 5),
  })),
  {
    name: 'oneHot times a matrix',
    inputs: [uniform([4, 3])],
    run: (tf, x: Tensor2D) => tf.matMul(tf.cast(tf.oneHot(tf.tensor1d([3, 0, 3], 'int32'), 4), 'float32'), x),
    reference: (x) => reference.gather(x, [3, 0, 3], 0),
  },
  {
    name: 'argMax picks what is gathered',
    inputs: [uniform([5])],
    run: (tf, x: Tensor1D) => tf.gather(x, tf.reshape(tf.argMax(x, 0), [1])),
    reference: (x) => reference.reduce(x, [0], (v) => Math.max(...v), true),
  },
  ...[[5], [3, 4], [1, 4], [2, 3, 4]].map((shape): Case => ({
    name: `softmax of [${shape.join()}]`,
    inputs: [uniform(shape, -5, 5)],
    run: (tf, x) => tf.softmax(x),
    reference: (x) => {
      const e = reference.elementwise(Math.exp)(x)
      const total = reference.reduce(e, [shape.length - 1], (v) => v.reduce((a, b) => a + b, 0), true)
      return reference.elementwise((a, b) => a / b)(e, total)
    },
  })),
]

export const cases: readonly Case[] = [
  ...elementwise,
  ...broadcasting,
  ...choices,
  ...reducing,
  ...products,
  ...rearranging,
]
