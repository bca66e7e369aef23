// Pooling and its gradients on a machine, where no window reaches beside the input: a call computes the windows of an image.

import { sizeOf } from '../../../ir/ir.ts'
import type { ElementProgram, ElementStep } from '../../plan/element-program.ts'
import type { FunctionBuilder } from '../assembler/function-builder.ts'
import { setLinear } from '../emit/integers.ts'
import { share } from '../emit/partition.ts'
import type { Partition } from '../emit/partition.ts'
import type { ImportedMachine } from './machine.ts'
import { axesOf, isPlain, isTiled } from './pool.ts'
import type { AveragePoolGradientSpec, MaxPoolGradientSpec, Pool, PoolSpec } from './pool.ts'

/** Numbers of an image's result from which a call pays. */
const NUMBERS = 256

/** Vectors of channels from which the last one may be cut short where a window's elements are stored: masks slow stores down. */
const LONG = 4

/** What a machine needs to know: itself, and what becomes of each result, if it can compute that. */
export type PoolMachine = {
  readonly machine: ImportedMachine | undefined
  readonly program: ElementProgram | undefined
}

/** Writes `emitPool`'s loops as calls; false where the machine cannot run them. */
export function emitPoolRows(
  f: FunctionBuilder,
  { pool, x, function: name }: Omit<PoolSpec, 'output' | 'epilogue'>,
  { machine, program }: PoolMachine,
  partition: Partition | undefined,
): boolean {
  if (program === undefined || !isPlain(pool)) return false
  const steps: ElementStep[] = []
  const add = (step: ElementStep): number => steps.push(step)
  const combine = (y: number, z: number): number =>
    add({ kind: 'binary', function: name === 'max' ? 'max' : 'add', x: y, y: z })
  const [first = 0, ...others] = offsetsOf(pool).map((bytes) =>
    bytes === 0 ? 0 : add({ kind: 'beside', bytes }),
  )
  const start = name === 'max' ? first : combine(constant(steps, 0), first)
  const all = others.reduce(combine, start)
  const result =
    name === 'max'
      ? all
      : add({ kind: 'binary', function: 'div', x: all, y: constant(steps, others.length + 1) })
  return callRows(
    f,
    pool,
    { numbers: x, from: 'input' },
    machine,
    then({ steps, stores: [] }, result, program, 0, pool),
    partition,
  )
}

/** Writes `emitMaxPoolGradient`'s loops as calls; false where the machine cannot run them. */
export function emitMaxPoolGradientRows(
  f: FunctionBuilder,
  { pool, x, y, dy }: Omit<MaxPoolGradientSpec, 'output' | 'epilogue'>,
  { machine, program }: PoolMachine,
  partition: Partition | undefined,
): boolean {
  if (program === undefined || !isTiled(pool)) return false
  let whole: ElementProgram = { steps: [], stores: [] }
  const add = (step: ElementStep): number => {
    whole = { ...whole, steps: [...whole.steps, step] }
    return whole.steps.length
  }
  let gradient = add({ kind: 'beside', bytes: dy - y })
  const zero = add({ kind: 'constant', bits: 0 })
  for (const offset of offsetsOf(pool)) {
    const element = add({ kind: 'load', address: x + offset, along: 'element' })
    const hit = add({ kind: 'binary', function: 'equal', x: element, y: 0 })
    const share = add({ kind: 'select', condition: hit, x: gradient, y: zero })
    gradient = add({ kind: 'select', condition: hit, x: zero, y: gradient })
    whole = then(whole, share, program, offset, pool)
  }
  return callRows(f, pool, { numbers: y, from: 'output' }, machine, whole, partition)
}

/** Writes `emitAveragePoolGradient`'s loops as calls; false where the machine cannot run them. */
export function emitAveragePoolGradientRows(
  f: FunctionBuilder,
  { pool, dy }: Omit<AveragePoolGradientSpec, 'output' | 'epilogue'>,
  { machine, program }: PoolMachine,
  partition: Partition | undefined,
): boolean {
  if (program === undefined || !isTiled(pool)) return false
  const steps: ElementStep[] = []
  const count = constant(steps, sizeOf(pool.size))
  const share = steps.push({ kind: 'binary', function: 'div', x: 0, y: count })
  const whole = offsetsOf(pool).reduce<ElementProgram>(
    (before, offset) => then(before, share, program, offset, pool),
    { steps, stores: [] },
  )
  return callRows(f, pool, { numbers: dy, from: 'output' }, machine, whole, partition)
}

/** Bytes of the elements of a window behind its first one, in row-major order. */
function offsetsOf(pool: Pool): number[] {
  return axesOf(pool).reduce<number[]>(
    (offsets, { size, bytes }) =>
      offsets.flatMap((offset) => Array.from({ length: size }, (_, tap) => offset + tap * bytes)),
    [0],
  )
}

function constant(steps: ElementStep[], value: number): number {
  return steps.push({ kind: 'constant', bits: new Int32Array(Float32Array.of(value).buffer)[0] ?? 0 })
}

/** Appends what becomes of a value that is stored some bytes behind the places of a program. */
function then(
  { steps, stores }: ElementProgram,
  value: number,
  program: ElementProgram,
  bytes: number,
  { channels }: Pool,
): ElementProgram {
  const of = (operand: number): number => (operand === 0 ? value : operand + steps.length)
  const shift = { element: bytes, row: bytes / channels, column: 0, all: 0 }
  const moved = program.steps.map((step): ElementStep => {
    switch (step.kind) {
      case 'load':
        return { ...step, address: step.address + shift[step.along] }
      case 'unary':
        return { ...step, x: of(step.x) }
      case 'binary':
        return { ...step, x: of(step.x), y: of(step.y) }
      case 'select':
        return { ...step, condition: of(step.condition), x: of(step.x), y: of(step.y) }
      default:
        return step
    }
  })
  const more = program.stores.map((store) => ({ value: of(store.value), address: store.address + bytes }))
  return { steps: [...steps, ...moved], stores: [...stores, ...more] }
}

/** Calls the machine for the windows of each image: its argument lies in the input or the output, what it stores in the other. */
function callRows(
  f: FunctionBuilder,
  pool: Pool,
  { numbers, from }: { readonly numbers: number; readonly from: 'input' | 'output' },
  machine: ImportedMachine | undefined,
  program: ElementProgram,
  partition: Partition | undefined,
): boolean {
  const { channels } = pool
  if (machine === undefined || channels * sizeOf(pool.output) < NUMBERS) return false
  const { lanes } = machine.tiles.sizes
  if (from === 'output' && channels % lanes !== 0 && channels < LONG * lanes) return false
  const pixel = 4 * channels
  const axes = axesOf(pool)
  // Pixels from one window to the next.
  const steps = axes.map(({ stride, inputStep, step }) => ({ input: stride * inputStep, output: step }))
  const to = from === 'input' ? 'output' : 'input'
  const [last, before] = [steps.at(-1), steps.at(-2)]
  const rows = axes.at(-1)?.outputs ?? 1
  const run = {
    program,
    columns: channels,
    width: channels,
    sums: pixel * (last?.[from] ?? 0),
    row: 4 * (last?.[to] ?? 0),
    ...(before && { matrices: { rows, sums: pixel * before[from], row: 4 * before[to] } }),
  }
  const number = machine.tiles.sweepOf(run)
  if (number === undefined) return false
  const { image, argument, row } = f.integers('image', 'argument', 'row')
  const outer = axes
    .slice(0, -2)
    .map(({ outputs }, i) => ({ outputs, index: f.local('i32'), step: steps[i] }))
  const call = (): void => {
    const along = (side: 'input' | 'output', unit: number) =>
      [
        [image, unit * sizeOf(pool[side])],
        ...outer.map(({ index, step }) => [index, unit * (step?.[side] ?? 0)] as const),
      ] as const
    setLinear(f, argument, numbers, ...along(from, pixel))
    setLinear(f, row, 0, ...along(to, 4))
    f.i32(number).get(argument).get(row).i32(0)
    f.i32(before ? (axes.at(-2)?.outputs ?? 1) : rows).call(machine.call)
  }
  const loops = outer.reduceRight<() => void>(
    (body, { outputs, index }) =>
      () =>
        f.for(index, 0, outputs, 1, body),
    call,
  )
  const mine = share(f, pool.batch, partition)
  f.for(image, mine.from, mine.to, 1, loops)
  return true
}
