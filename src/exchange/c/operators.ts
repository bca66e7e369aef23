// Each op of the IR as C.
import { sameShape, sizeOf } from '../../ir/ir.ts'
import type { BinaryFunction, Op, Shape, UnaryFunction, Value } from '../../ir/ir.ts'
import { nameOf, regionsOf, STEP } from '../../ir/ops/scan.ts'
import { floatLiteral, placeBroadcast, placeOf } from './code.ts'
import type { OpWriting } from './op-writing.ts'
import { writeConvolution, writeInputGradient, writePool } from './windows.ts'
import { trainingOnly } from '../training-only.ts'

type WriteInC<K extends Op> = (value: Value<K>, writing: OpWriting) => void

/** The operand that a value is another name of, from an element on; undefined where code makes it. */
export function aliasOf(value: Value): { readonly of: Value; readonly offset: number } | undefined {
  switch (value.op) {
    case 'reshape':
    case 'stop_gradient':
      return { of: value.x, offset: 0 }
    case 'slice':
      return value.shape.length === 1 ? { of: value.x, offset: value.starts[0] ?? 0 } : undefined
    case 'cast':
      return value.dtype === value.x.dtype ? { of: value.x, offset: 0 } : undefined
    default:
      return undefined
  }
}

/** True where each element follows from those of the operands at its place. */
export function isElementwise({ op }: Value): boolean {
  return op === 'unary' || op === 'binary' || op === 'select' || op === 'cast'
}

const UNARY: Readonly<Record<UnaryFunction, (x: string) => string>> = {
  abs: (x) => `fabsf(${x})`,
  ceil: (x) => `ceilf(${x})`,
  cos: (x) => `cosf(${x})`,
  erf: (x) => `erff(${x})`,
  exp: (x) => `expf(${x})`,
  expm1: (x) => `expm1f(${x})`,
  floor: (x) => `floorf(${x})`,
  log: (x) => `logf(${x})`,
  log1p: (x) => `log1pf(${x})`,
  neg: (x) => `-${x}`,
  relu: (x) => `${x} > 0.0f ? ${x} : 0.0f`,
  rsqrt: (x) => `1.0f / sqrtf(${x})`,
  sigmoid: (x) => `1.0f / (1.0f + expf(-${x}))`,
  sign: (x) => `(float)((${x} > 0.0f) - (${x} < 0.0f))`,
  sin: (x) => `sinf(${x})`,
  softplus: (x) => `(${x} > 0.0f ? ${x} : 0.0f) + log1pf(expf(-fabsf(${x})))`,
  sqrt: (x) => `sqrtf(${x})`,
  square: (x) => `${x} * ${x}`,
  tanh: (x) => `tanhf(${x})`,
}

const BINARY: Readonly<Record<BinaryFunction, (a: string, b: string) => string>> = {
  add: (a, b) => `${a} + ${b}`,
  sub: (a, b) => `${a} - ${b}`,
  mul: (a, b) => `${a} * ${b}`,
  div: (a, b) => `${a} / ${b}`,
  max: (a, b) => `${a} > ${b} ? ${a} : ${b}`,
  min: (a, b) => `${a} < ${b} ? ${a} : ${b}`,
  pow: (a, b) => `powf(${a}, ${b})`,
  equal: (a, b) => `(float)(${a} == ${b})`,
  less: (a, b) => `(float)(${a} < ${b})`,
  less_equal: (a, b) => `(float)(${a} <= ${b})`,
}

export const OPERATORS: { readonly [K in Op]: WriteInC<K> } = {
  // Both exist before any code runs.
  input: () => undefined,
  constant: () => undefined,
  // Other names (aliasOf).
  reshape: () => undefined,
  stop_gradient: () => undefined,
  unary: (value, writing) => elementwise(value, [value.x], writing, ([x = '']) => UNARY[value.function](x)),
  binary: (value, writing) =>
    elementwise(value, [value.a, value.b], writing, ([a = '', b = '']) => BINARY[value.function](a, b)),
  select: (value, writing) =>
    elementwise(value, [value.condition, value.a, value.b], writing, ([condition = '', a = '', b = '']) =>
      value.condition.dtype === 'f32' ? `${condition} != 0.0f ? ${a} : ${b}` : `${condition} ? ${a} : ${b}`,
    ),
  reduce,
  argmax({ x, axis, shape }, { code, x: nameOfX }) {
    code.each(shape, (kept) => {
      const best = code.variable('best')
      const at = (index: string): string =>
        `${nameOfX(x)}[${placeOf(kept.toSpliced(axis, 0, index), x.shape)}]`
      code.line(`int ${best} = 0;`)
      code.loop(x.shape[axis] ?? 1, (index) =>
        code.line(`if (${at(index)} > ${at(best)}) ${best} = ${index};`),
      )
      code.line(`y[${placeOf(kept, shape)}] = ${best};`)
    })
  },
  matmul,
  convolution: writeConvolution,
  convolution_input_gradient: writeInputGradient,
  pool: writePool,
  gather({ x, indices, shape }, { code, x: nameOfX }) {
    const size = sizeOf(x.shape.slice(1))
    code.loop(sizeOf(indices.shape), (index) => {
      const row = `(int)${nameOfX(indices)}[${index}]`
      code.loop(size, (k) => {
        const to = placeOf([index, k], [sizeOf(shape) / size, size])
        code.line(`y[${to}] = ${nameOfX(x)}[${placeOf([row, k], [2, size])}];`)
      })
    })
  },
  slice({ x, starts, shape }, { code, x: nameOfX }) {
    code.each(shape, (indices) => {
      const from = indices.map((index, axis) => shifted(index, starts[axis] ?? 0))
      code.line(`y[${placeOf(indices, shape)}] = ${nameOfX(x)}[${placeOf(from, x.shape)}];`)
    })
  },
  take({ x, index, axis, shape }, { code, x: nameOfX }) {
    code.each(shape, (indices) => {
      const from = indices.toSpliced(axis, 0, `${nameOfX(index)}[0]`)
      code.line(`y[${placeOf(indices, shape)}] = ${nameOfX(x)}[${placeOf(from, x.shape)}];`)
    })
  },
  pad({ x, padding, value, shape }, { code, x: nameOfX }) {
    code.loop(sizeOf(shape), (i) => code.line(`y[${i}] = ${floatLiteral(value)};`))
    code.each(x.shape, (indices) => {
      const to = indices.map((index, axis) => shifted(index, padding[axis]?.[0] ?? 0))
      code.line(`y[${placeOf(to, shape)}] = ${nameOfX(x)}[${placeOf(indices, x.shape)}];`)
    })
  },
  concat({ xs, axis, shape }, { code, x: nameOfX }) {
    let before = 0
    for (const x of xs) {
      const start = before
      code.each(x.shape, (indices) => {
        const to = indices.map((index, i) => (i === axis ? shifted(index, start) : index))
        code.line(`y[${placeOf(to, shape)}] = ${nameOfX(x)}[${placeOf(indices, x.shape)}];`)
      })
      before += x.shape[axis] ?? 0
    }
  },
  transpose({ x, permutation, shape }, { code, x: nameOfX }) {
    code.each(shape, (indices) => {
      const from = permutation.map((_, axis) => indices[permutation.indexOf(axis)] ?? '0')
      code.line(`y[${placeOf(indices, shape)}] = ${nameOfX(x)}[${placeOf(from, x.shape)}];`)
    })
  },
  reverse({ x, axis, shape }, { code, x: nameOfX }) {
    code.each(shape, (indices) => {
      const last = (shape[axis] ?? 1) - 1
      const from = indices.map((index, i) => (i === axis ? `${last} - ${index}` : index))
      code.line(`y[${placeOf(indices, shape)}] = ${nameOfX(x)}[${placeOf(from, x.shape)}];`)
    })
  },
  broadcast: (value, writing) => elementwise(value, [value.x], writing, ([x = '']) => x),
  cast: (value, writing) =>
    elementwise(value, [value.x], writing, ([x = '']) => `(${value.dtype === 'f32' ? 'float' : 'int'})${x}`),
  iota({ axis, shape, dtype }, { code }) {
    code.each(shape, (indices) => {
      const index = indices[axis] ?? '0'
      code.line(`y[${placeOf(indices, shape)}] = ${dtype === 'f32' ? `(float)${index}` : index};`)
    })
  },
  scan,
  ...trainingOnly,
}

/** Each element from those of the operands, which are broadcast to it. */
function elementwise(
  { shape }: Value,
  operands: readonly Value[],
  { code, x }: OpWriting,
  formula: (elements: readonly string[]) => string,
): void {
  const isFlat = operands.every((one) => sameShape(one.shape, shape) || sizeOf(one.shape) === 1)
  const flat = isFlat ? [sizeOf(shape)] : shape
  code.each(flat, (indices) => {
    const elements = operands.map((one) => {
      const own: Shape = isFlat ? [sizeOf(one.shape)] : one.shape
      return `${x(one)}[${placeBroadcast(indices, own)}]`
    })
    code.line(`y[${placeOf(indices, flat)}] = ${formula(elements)};`)
  })
}

function reduce({ function: name, x, axes, shape }: Value<'reduce'>, { code, x: nameOfX }: OpWriting): void {
  const start = { sum: '0.0', prod: '1.0', max: '-INFINITY', min: 'INFINITY' }[name]
  code.each(shape, (kept) => {
    // A long sum in float32 would lose digits.
    const result = code.variable('result')
    code.line(`double ${result} = ${start};`)
    code.each(
      axes.map((axis) => x.shape[axis] ?? 1),
      (reduced) => {
        const rest = [...kept]
        const all = x.shape.map((_, axis) => {
          const at = axes.indexOf(axis)
          return (at < 0 ? rest.shift() : reduced[at]) ?? '0'
        })
        const element = `${nameOfX(x)}[${placeOf(all, x.shape)}]`
        if (name === 'sum') code.line(`${result} += ${element};`)
        else if (name === 'prod') code.line(`${result} *= ${element};`)
        else code.line(`if (${element} ${name === 'max' ? '>' : '<'} ${result}) ${result} = ${element};`)
      },
    )
    code.line(`y[${placeOf(kept, shape)}] = (float)${result};`)
  })
}

/** Row by row, so that the columns of b are read side by side. */
function matmul({ a, b, transposeA, transposeB, shape }: Value<'matmul'>, { code, x }: OpWriting): void {
  const [rows = 1, columns = 1] = shape.slice(-2)
  const depth = a.shape.at(transposeA ? -2 : -1) ?? 1
  const swapped = (indices: readonly string[], swaps: boolean): readonly string[] =>
    swaps ? indices.toReversed() : indices
  code.each(shape.slice(0, -2), (batch) => {
    const inB = b.shape.length === 2 ? [] : batch
    const elementA = (i: string, k: string): string =>
      `${x(a)}[${placeOf([...batch, ...swapped([i, k], transposeA)], a.shape)}]`
    const elementB = (k: string, j: string): string =>
      `${x(b)}[${placeOf([...inB, ...swapped([k, j], transposeB)], b.shape)}]`
    code.loop(rows, (i) => {
      const y = (j: string): string => `y[${placeOf([...batch, i, j], shape)}]`
      code.loop(columns, (j) => code.line(`${y(j)} = 0.0f;`))
      code.loop(depth, (k) => {
        const factor = code.variable('a')
        code.block('', () => {
          code.line(`const float ${factor} = ${elementA(i, k)};`)
          code.loop(columns, (j) => code.line(`${y(j)} += ${factor} * ${elementB(k, j)};`))
        })
      })
    })
  })
}

/** The loop over the steps: new states are complete before an old one is written over. */
function scan(value: Value<'scan'>, { code, x, writeBody, scratch }: OpWriting): void {
  const { body, steps, reverse, initial, captured, axes } = value
  const { finals, stacks } = regionsOf(value)
  const sizes = initial.map(({ shape }) => sizeOf(shape))
  const states = sizes.map((size) => scratch(size))
  for (const [n, state] of states.entries())
    code.loop(sizes[n] ?? 0, (i) => code.line(`${state}[${i}] = ${x(initial[n] ?? value)}[${i}];`))
  const count = code.variable('count')
  code.block(`for (int ${count} = 0; ${count} < ${steps}; ${count}++)`, () => {
    const step = code.variable('step')
    code.line(`const int ${step}[1] = {${reverse ? `${steps - 1} - ${count}` : count}};`)
    code.line(`(void)${step};`)
    const made = writeBody(
      body,
      new Map([
        [STEP, step],
        ...states.map((state, n) => [nameOf('state', n), state] as const),
        ...captured.map((one, n) => [nameOf('captured', n), x(one)] as const),
      ]),
    )
    for (const [n, axis] of axes.entries()) {
      const { offset, shape } = stacks[n] ?? { offset: 0, shape: [] }
      code.each(shape.toSpliced(axis, 1), (indices) => {
        const to = placeOf(indices.toSpliced(axis, 0, `${step}[0]`), shape)
        const from = placeOf(indices, shape.toSpliced(axis, 1))
        code.line(`y[${offset} + ${to}] = ${made.get(nameOf('yield', n)) ?? ''}[${from}];`)
      })
    }
    for (const [n, { offset }] of finals.entries()) {
      const from = made.get(nameOf('state', n)) ?? ''
      code.loop(sizes[n] ?? 0, (i) => code.line(`y[${offset} + ${i}] = ${from}[${i}];`))
    }
    for (const [n, { offset }] of finals.entries())
      code.loop(sizes[n] ?? 0, (i) => code.line(`${states[n] ?? ''}[${i}] = y[${offset} + ${i}];`))
  })
}

function shifted(index: string, by: number): string {
  if (by === 0) return index
  return index === '0' ? String(by) : `${index} + ${by}`
}
