// Products in int8: what they take is rounded to a byte, the sums are whole numbers, and what they make is float32 again.
import { sizeOf } from '../../ir/ir.ts'
import type { Program, Shape, Value } from '../../ir/ir.ts'
import { takenBy } from '../calibrate.ts'
import { quantizationOf, quantizedWeights } from '../int8.ts'
import type { NumberRange, Quantization } from '../int8.ts'
import { floatLiteral, placeOf } from './code.ts'
import type { OpWriting } from './op-writing.ts'
import { eachProduct } from './windows.ts'

/** A product or a table of an embedding in int8. */
export type Int8Operation = {
  /** Products take it, tables are looked up by it. */
  readonly taken: Value
  readonly weights: Int8Array
  /** The real number of a sum of products of whole numbers, or of an element of a table: one for all, or one for each unit. */
  readonly scales: Float32Array
  /** That of what a product takes. */
  readonly input?: Quantization
}

/** The largest whole number of the products that a sum adds up: 255 apart from the zero point, times 127. */
const LARGEST_PRODUCT = 255 * 127
const LARGEST_INT = 2 ** 31 - 1

/** The operations of a program that are computed in int8; `rangeOf` tells that of what a product takes. */
export function int8Operations(
  { values }: Program,
  rangeOf: (value: Value) => NumberRange | undefined,
  knownOf: (value: Value) => ArrayLike<number> | undefined,
): ReadonlyMap<Value, Int8Operation> {
  const found = new Map<Value, Int8Operation>()
  const rounded = new Map<string, ReturnType<typeof quantizedWeights>>()
  const roundedOnce = (weights: Value, known: ArrayLike<number>, shape: Shape, axis: number) => {
    const key = `${weights.id}/${axis}`
    const result = rounded.get(key) ?? quantizedWeights(Float32Array.from(known), shape, axis)
    rounded.set(key, result)
    return result
  }
  for (const value of values) {
    const weights = weightsOf(value)
    const known = weights && knownOf(weights)
    if (!weights || !known) continue
    if (value.op === 'gather') {
      const { data, quantization } = roundedOnce(weights, known, [1, known.length], 0)
      found.set(value, { taken: value.indices, weights: data, scales: quantization.scales })
      continue
    }
    const taken = takenBy(value)
    const range = taken && rangeOf(taken)
    if (!taken || !range || range[0] === range[1] || depthOf(value, weights) > LARGEST_INT / LARGEST_PRODUCT)
      continue
    const input = quantizationOf(range)
    const { data, quantization } = roundedOnce(weights, known, weights.shape, unitAxis(value, weights.shape))
    const scales = quantization.scales.map((scale) => scale * (input.scales[0] ?? 1))
    found.set(value, { taken, weights: data, scales, input })
  }
  return found
}

/** The operand of a value that may be weights in int8. */
function weightsOf(value: Value): Value | undefined {
  if (value.op === 'gather') return value.x
  if (value.op === 'matmul') return value.b.shape.length === 2 ? value.b : undefined
  return value.op === 'convolution' || value.op === 'convolution_input_gradient' ? value.kernel : undefined
}

/** The axis of the weights along which the units of a result lie. */
function unitAxis(value: Value, { length }: Shape): number {
  if (value.op === 'matmul') return value.transposeB ? 0 : 1
  return value.op === 'convolution_input_gradient' ? length - 2 : length - 1
}

/** The products that a sum adds up, at most. */
function depthOf(value: Value, { shape }: Value): number {
  return sizeOf(shape) / (shape[unitAxis(value, shape)] ?? 1)
}

/** The bytes of what a product takes. */
export const ROUNDING = `/* The nearest int8 of a number. */
static signed char int8_of(float x, float per_step, int zero) {
  const float whole = floorf(x * per_step + 0.5f) + (float)zero;
  if (!(whole > -128.0f)) return -128;
  return whole < 127.0f ? (signed char)whole : 127;
}
`

export function writeInt8(value: Value, operation: Int8Operation, writing: OpWriting): void {
  const { code, x, constant } = writing
  const { taken, weights, scales, input } = operation
  const w = constant('weights', weights)
  if (!input || value.op === 'gather') {
    writeTable(value, { rows: x(taken), count: sizeOf(taken.shape), w, scale: scales[0] ?? 1 }, writing)
    return
  }
  const [scale = 1] = input.scales
  // A byte lies within a number that was read before, or the one that it is made of.
  const bytes = writing.isFree(taken) ? `((signed char *)${x(taken)})` : writing.bytes(sizeOf(taken.shape))
  code.loop(sizeOf(taken.shape), (i) =>
    code.line(`${bytes}[${i}] = int8_of(${x(taken)}[${i}], ${floatLiteral(1 / scale)}, ${input.zeroPoint});`),
  )
  const product = { a: bytes, w, scales: constant('scales', scales), zero: input.zeroPoint }
  if (value.op === 'matmul') writeProduct(value, product, writing)
  else if (value.op === 'convolution') writeConvolution(value, product, writing)
  else if (value.op === 'convolution_input_gradient') writeTransposed(value, product, writing)
}

/** Names in C, and the int8 that stands for 0. */
type Int8Product = {
  readonly a: string
  readonly w: string
  readonly scales: string
  readonly zero: number
}

function centered(element: string, zero: number): string {
  if (zero === 0) return element
  return zero < 0 ? `(${element} + ${-zero})` : `(${element} - ${zero})`
}

function writeTable(
  { shape }: Value,
  {
    rows,
    count,
    w,
    scale,
  }: { readonly rows: string; readonly count: number; readonly w: string; readonly scale: number },
  { code }: OpWriting,
): void {
  const size = sizeOf(shape) / count
  code.loop(count, (i) =>
    code.loop(size, (k) => {
      const from = placeOf([`(int)${rows}[${i}]`, k], [2, size])
      code.line(`y[${placeOf([i, k], [count, size])}] = (float)${w}[${from}] * ${floatLiteral(scale)};`)
    }),
  )
}

function writeProduct(
  { a, b, transposeA, transposeB, shape }: Value<'matmul'>,
  { a: bytes, w, scales, zero }: Int8Product,
  { code }: OpWriting,
): void {
  const [rows = 1, columns = 1] = shape.slice(-2)
  const depth = a.shape.at(transposeA ? -2 : -1) ?? 1
  code.each(shape.slice(0, -2), (batch) =>
    code.loop(rows, (i) =>
      code.loop(columns, (j) =>
        code.block('', () => {
          const sum = code.variable('sum')
          code.line(`int ${sum} = 0;`)
          code.loop(depth, (k) => {
            const element = `${bytes}[${placeOf([...batch, ...(transposeA ? [k, i] : [i, k])], a.shape)}]`
            const weight = `${w}[${placeOf(transposeB ? [j, k] : [k, j], b.shape)}]`
            code.line(`${sum} += ${centered(element, zero)} * ${weight};`)
          })
          code.line(`y[${placeOf([...batch, i, j], shape)}] = (float)${sum} * ${scales}[${j}];`)
        }),
      ),
    ),
  )
}

function writeConvolution(
  value: Value<'convolution'>,
  { a, w, scales, zero }: Int8Product,
  { code, wholeNumbers }: OpWriting,
): void {
  const { x: image, kernel, shape } = value
  const filters = shape.at(-1) ?? 1
  const sums = wholeNumbers(filters)
  eachProduct(
    code,
    [image.shape, kernel.shape, shape],
    value,
    (at) => code.line(`${sums}[${at.filter}] += ${centered(`${a}[${at.x}]`, zero)} * ${w}[${at.kernel}];`),
    (place, products) => {
      code.loop(filters, (filter) => code.line(`${sums}[${filter}] = 0;`))
      products()
      code.loop(filters, (filter) =>
        code.line(`y[${place(filter)}] = (float)${sums}[${filter}] * ${scales}[${filter}];`),
      )
    },
  )
}

function writeTransposed(
  value: Value<'convolution_input_gradient'>,
  { a, w, scales, zero }: Int8Product,
  { code, wholeNumbers }: OpWriting,
): void {
  const { dy, kernel, shape } = value
  const [size, units] = [sizeOf(shape), kernel.shape.at(-2) ?? 1]
  const sums = wholeNumbers(size)
  code.loop(size, (i) => code.line(`${sums}[${i}] = 0;`))
  eachProduct(code, [shape, kernel.shape, dy.shape], value, (at) =>
    code.line(`${sums}[${at.x}] += ${centered(`${a}[${at.y}]`, zero)} * ${w}[${at.kernel}];`),
  )
  code.loop(size, (i) => code.line(`y[${i}] = (float)${sums}[${i}] * ${scales}[${i} % ${units}];`))
}
