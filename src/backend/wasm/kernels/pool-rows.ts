// Pooling and its gradients on a machine, where no window reaches beside the input: a call computes the windows of an image.

import { sizeOf } from '../../../ir/ir.ts'
import { constantStep } from '../../plan/element-program.ts'
import type {
  ElementBinary,
  ElementProgram,
  ElementStep,
  ElementStore,
  ElementPlace,
} from '../../plan/element-program.ts'
import { storesRows } from '../../plan/tile-machine.ts'
import type { FunctionBuilder } from '../assembler/function-builder.ts'
import { setLinear } from '../emit/integers.ts'
import { share } from '../emit/partition.ts'
import type { Partition } from '../emit/partition.ts'
import type { ImportedMachine } from './machine.ts'
import { axesOf, isPlain, isTiled } from './pool.ts'
import type { AveragePoolGradientSpec, MaxPoolGradientSpec, Pool, PoolSpec } from './pool.ts'

/** Numbers of an image's result from which a call pays. */
const NUMBERS = 256

/** Facts that a machine needs: itself, and what becomes of each result, if it can compute that. */
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
  const windows = new WindowProgram(program, pool)
  const elements = offsetsOf(pool).map((bytes) => (bytes === 0 ? 0 : windows.add({ kind: 'beside', bytes })))
  const reduce = (operation: 'max' | 'add', values: readonly number[]): number =>
    values.reduce((x, y) => windows.binary(operation, x, y))
  const result =
    name === 'max'
      ? reduce('max', elements)
      : windows.binary(
          'div',
          reduce('add', [windows.constant(0), ...elements]),
          windows.constant(elements.length),
        )
  windows.finish(result, 0)
  return callRows(f, pool, { numbers: x, from: 'input' }, { machine, program: windows }, partition)
}

/** Writes `emitMaxPoolGradient`'s loops as calls; false where the machine cannot run them. */
export function emitMaxPoolGradientRows(
  f: FunctionBuilder,
  { pool, x, y, dy }: Omit<MaxPoolGradientSpec, 'output' | 'epilogue'>,
  { machine, program }: PoolMachine,
  partition: Partition | undefined,
): boolean {
  if (program === undefined || !isTiled(pool)) return false
  const windows = new WindowProgram(program, pool)
  const zero = windows.constant(0)
  let gradient = windows.add({ kind: 'beside', bytes: dy - y })
  for (const bytes of offsetsOf(pool)) {
    const element = windows.add({
      kind: 'load',
      address: x + bytes,
      place: { row: pool.channels, column: 1 },
    })
    const condition = windows.binary('equal', element, 0)
    windows.finish(windows.add({ kind: 'select', condition, x: gradient, y: zero }), bytes)
    gradient = windows.add({ kind: 'select', condition, x: zero, y: gradient })
  }
  return callRows(f, pool, { numbers: y, from: 'output' }, { machine, program: windows }, partition)
}

/** Writes `emitAveragePoolGradient`'s loops as calls; false where the machine cannot run them. */
export function emitAveragePoolGradientRows(
  f: FunctionBuilder,
  { pool, dy }: Omit<AveragePoolGradientSpec, 'output' | 'epilogue'>,
  { machine, program }: PoolMachine,
  partition: Partition | undefined,
): boolean {
  if (program === undefined || !isTiled(pool)) return false
  const windows = new WindowProgram(program, pool)
  const share = windows.binary('div', 0, windows.constant(sizeOf(pool.size)))
  for (const bytes of offsetsOf(pool)) windows.finish(share, bytes)
  return callRows(f, pool, { numbers: dy, from: 'output' }, { machine, program: windows }, partition)
}

/** Bytes of the elements of a window behind its first one, in row-major order. */
function offsetsOf(pool: Pool): number[] {
  return axesOf(pool).reduce<number[]>(
    (offsets, { size, bytes }) =>
      offsets.flatMap((offset) => Array.from({ length: size }, (_, tap) => offset + tap * bytes)),
    [0],
  )
}

/** The program of a window: its results end in what becomes of each. */
class WindowProgram implements ElementProgram {
  readonly steps: ElementStep[] = []
  readonly stores: ElementStore[] = []
  readonly #end: ElementProgram
  readonly #channels: number

  constructor(end: ElementProgram, { channels }: Pool) {
    this.#end = end
    this.#channels = channels
  }

  add(step: ElementStep): number {
    return this.steps.push(step)
  }

  binary(name: ElementBinary, x: number, y: number): number {
    return this.add({ kind: 'binary', function: name, x, y })
  }

  constant(value: number): number {
    return this.add(constantStep(value))
  }

  /** Stores what becomes of a value whose element lies some bytes behind that of the window's first. */
  finish(value: number, bytes: number): void {
    const before = this.steps.length
    const of = (operand: number): number => (operand === 0 ? value : operand + before)
    const shift = ({ row }: ElementPlace): number => (bytes / this.#channels) * row
    for (const step of this.#end.steps) {
      if (step.kind === 'load') this.add({ ...step, address: step.address + shift(step.place) })
      else if (step.kind === 'unary') this.add({ ...step, x: of(step.x) })
      else if (step.kind === 'binary') this.add({ ...step, x: of(step.x), y: of(step.y) })
      else if (step.kind === 'select')
        this.add({ ...step, condition: of(step.condition), x: of(step.x), y: of(step.y) })
      else this.add(step)
    }
    for (const { value: stored, address, place } of this.#end.stores)
      this.stores.push({ value: of(stored), address: address + shift(place), place })
  }
}

/** Calls the machine for the windows of each image: its argument lies in the input or the output, what it stores in the other. */
function callRows(
  f: FunctionBuilder,
  pool: Pool,
  { numbers, from }: { readonly numbers: number; readonly from: 'input' | 'output' },
  { machine, program }: { readonly machine: ImportedMachine | undefined; readonly program: WindowProgram },
  partition: Partition | undefined,
): boolean {
  const { channels } = pool
  if (machine === undefined || channels * sizeOf(pool.output) < NUMBERS) return false
  if (from === 'output' && !storesRows(channels, machine.tiles.sizes)) return false
  const pixel = 4 * channels
  const axes = axesOf(pool)
  // Pixels from one window to the next.
  const steps = axes.map(({ stride, inputStep, step }) => ({ input: stride * inputStep, output: step }))
  const to = from === 'input' ? 'output' : 'input'
  const [last, before] = [steps.at(-1), steps.at(-2)]
  const rows = axes.at(-1)?.outputs ?? 1
  const run = {
    program: { steps: program.steps, stores: program.stores },
    columns: channels,
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
