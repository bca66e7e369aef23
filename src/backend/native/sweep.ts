// Rows of numbers that a program changes, such as the sums of a product that wait for their epilogue, as machine code.

import type { ElementProgram, ElementPlace } from '../plan/element-program.ts'
import type { SweepRun } from '../plan/tile-machine.ts'
import type { Assembler, Constant, Memory, Register } from './assembler.ts'
import { ConstantPool } from './constant-pool.ts'
import { openMask } from './lane-mask.ts'
import { applyBinary, applyFunction, select } from './math.ts'
import { emitVectorProgram, registersOf } from './vector-code.ts'
import { operandsOf, VectorProgram } from './vector-program.ts'
import type { VectorOperand, VectorValue } from './vector-program.ts'
import { registersFor } from './vector-registers.ts'

/** Arguments of a function in the System V calling convention, and registers that it need not keep. */
const [numbers, row, column, count] = ['rdi', 'rsi', 'rdx', 'rcx'] as const satisfies readonly Register[]
const [pool, start, turns, masks] = ['rax', 'r9', 'r10', 'r11'] as const satisfies readonly Register[]
/** The rows of a matrix that are left: a register that a function has to keep. */
const rowsLeft: Register = 'rbx'
/** Pointers to operands by their places; a function has to keep all but the first. */
const POINTERS = ['r8', 'rbp', 'r12', 'r13', 'r14', 'r15'] as const satisfies readonly Register[]

/** Past this an address is no signed distance. */
const FAR = 2 ** 31

/** Returns what writes `SweepRun`'s function; undefined where it takes more registers than there are, one of which may hold a mask. */
export function sweepEmitter(
  run: SweepRun,
  registers: number,
): ((code: Assembler, memory: bigint) => void) | undefined {
  const pointers = pointersOf(run)
  if (pointers === undefined) return undefined
  const translated = translate(run.program, pointers)
  const values = translated.stores.map(({ value }) => value)
  const fits = registersFor(translated.program.steps, values) < registers
  return fits ? (code, memory) => emitSweep(code, memory, run, translated) : undefined
}

/** A pointer to operands of one place, which runs along the rows and columns. */
type Pointer = { readonly register: Register; readonly place: ElementPlace }

/** The pointers of a sweep by the names of their places; undefined where registers or distances do not suffice. */
function pointersOf({ program, row, matrices }: SweepRun): ReadonlyMap<string, Pointer> | undefined {
  const operands = [...program.stores, ...program.steps]
  const places = new Map(operands.flatMap((at) => ('place' in at ? [[nameOf(at.place), at.place]] : [])))
  const distances = operands.flatMap((at) =>
    'address' in at ? [at.address, row * at.place.row, (matrices?.row ?? 0) * at.place.row] : [],
  )
  const moved = Array.from(places.values(), ({ moved }) => moved?.bytes ?? 0)
  if ([...distances, ...moved].some((distance) => Math.abs(distance) >= FAR)) return undefined
  const pointers = [...places].flatMap(([name, place], i) => {
    const register = POINTERS[i]
    return register === undefined ? [] : [[name, { register, place }] as const]
  })
  return pointers.length === places.size ? new Map(pointers) : undefined
}

function nameOf({ row, column, moved }: ElementPlace): string {
  return [row, column, moved?.index, moved?.bytes].join()
}

/** Addresses count from `memory`, an address of this process. */
function emitSweep(code: Assembler, memory: bigint, run: SweepRun, translated: Translated): void {
  const { columns, sums, row: rowBytes, matrices } = run
  const { program, stores, pointers } = translated
  const lanes = code.vector / 4
  const [vectors, rest] = [Math.floor(columns / lanes), columns % lanes]
  const kept = [...(matrices ? [rowsLeft] : []), ...pointers.slice(1).map(({ register }) => register)]
  for (const register of kept) code.push(register)
  code.set(start, memory)
  for (const argument of [numbers, row, column, count]) code.moveUnsigned32(argument, argument)
  code.add(numbers, start)
  for (const pointer of pointers) setPointer(code, pointer)
  const constants = new ConstantPool(code, pool)
  const placeMask = openMask(code, masks, rest)
  const values = stores.map(({ value }) => value)
  const readsNumbers = values.includes(0) || program.steps.some((step) => operandsOf(step).includes(0))
  const changeVector = (mask?: number): void => {
    if (mask !== undefined && code.vector === 32) code.load(mask, { base: masks, bytes: 0 })
    if (readsNumbers && mask === undefined) code.load(0, { base: numbers, bytes: 0 })
    if (readsNumbers && mask !== undefined) code.loadMasked(0, mask, { base: numbers, bytes: 0 })
    const constantOf = (bits: number): Constant => constants.of(bits)
    for (const [i, vector] of emitVectorProgram(code, program, constantOf, values, mask).entries()) {
      const to = stores[i]?.to ?? { base: start, bytes: 0 }
      if (mask === undefined) code.store(vector, to)
      else code.storeMasked(vector, mask, to)
    }
  }
  const nextMatrix = code.label()
  if (matrices) code.set(rowsLeft, BigInt(matrices.rows))
  const nextRow = code.label()
  if (vectors > 0) {
    code.set(turns, BigInt(vectors))
    const nextVector = code.label()
    changeVector()
    code.add(numbers, code.vector)
    for (const { register, place } of pointers) if (place.column !== 0) code.add(register, code.vector)
    code.subtract(turns, 1)
    code.jumpIfNotZero(nextVector)
  }
  if (rest > 0) changeVector(registersOf(code) - 1)
  const moved = vectors * code.vector
  code.add(numbers, sums - moved)
  for (const { register, place } of pointers) code.add(register, rowBytes * place.row - moved * place.column)
  if (matrices) {
    code.subtract(rowsLeft, 1)
    code.jumpIfNotZero(nextRow)
    const between = matrices.row - matrices.rows * rowBytes
    for (const { register, place } of pointers) code.add(register, between * place.row)
    code.add(numbers, matrices.sums - matrices.rows * sums)
  }
  code.subtract(count, 1)
  code.jumpIfNotZero(matrices ? nextMatrix : nextRow)
  code.leaveVectors()
  for (const register of kept.toReversed()) code.pop(register)
  code.return()
  constants.write()
  placeMask()
}

/** Sets a pointer to the place of the first row and column. */
function setPointer(code: Assembler, { register, place }: Pointer): void {
  code.multiply(register, row, place.row)
  if (place.column !== 0) code.add(register, column)
  if (place.moved) {
    code.loadUnsigned32(turns, { base: start, bytes: place.moved.index })
    code.multiply(turns, turns, place.moved.bytes)
    code.add(register, turns)
  }
  code.add(register, start)
}

type Translated = {
  readonly program: VectorProgram
  readonly stores: readonly { readonly value: VectorValue; readonly to: Memory }[]
  readonly pointers: readonly Pointer[]
}

function translate(
  { steps, stores, changes = [] }: ElementProgram,
  pointers: ReadonlyMap<string, Pointer>,
): Translated {
  const program = new VectorProgram()
  const operands: VectorOperand[] = [0]
  const operand = (x: number): VectorOperand => operands[x] ?? 0
  const value = (x: number): VectorValue => program.value(operand(x))
  const memoryOf = ({
    address,
    place,
  }: {
    readonly address: number
    readonly place: ElementPlace
  }): Memory => ({
    base: pointers.get(nameOf(place))?.register ?? start,
    bytes: address,
  })
  for (const step of steps) {
    switch (step.kind) {
      case 'load':
        operands.push(program.load(memoryOf(step), step.place.column === 0))
        break
      case 'beside':
        operands.push(program.load({ base: numbers, bytes: step.bytes }, false))
        break
      case 'constant':
        operands.push({ bits: step.bits })
        break
      case 'unary':
        operands.push(applyFunction(program, step.function, value(step.x)))
        break
      case 'binary':
        operands.push(applyBinary(program, step.function, operand(step.x), operand(step.y)))
        break
      case 'select':
        operands.push(select(program, value(step.condition), operand(step.x), operand(step.y)))
        break
    }
  }
  return {
    program,
    stores: [
      ...stores.map((store) => ({ value: value(store.value), to: memoryOf(store) })),
      ...changes.map((change) => ({
        value: value(change.value),
        to: { base: numbers, bytes: change.bytes },
      })),
    ],
    pointers: [...pointers.values()],
  }
}
