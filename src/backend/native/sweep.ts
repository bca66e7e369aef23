// Rows of numbers that a program changes, such as the sums of a product that wait for their epilogue, as machine code.

import type { Along, ElementProgram } from '../plan/element-program.ts'
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
const [pool, element, start, turns, masks] = [
  'rax',
  'r8',
  'r9',
  'r10',
  'r11',
] as const satisfies readonly Register[]
/** The rows of a matrix that are left: a register that a function has to keep. */
const rowsLeft: Register = 'rbx'

/** The pointers to which an operand's address is added. */
const POINTERS: Readonly<Record<Along, Register>> = { element, row, column, all: start }

/** Past this an address is no signed distance. */
const FAR = 2 ** 31

/** Returns what writes `SweepRun`'s function; undefined where it takes more registers than there are, one of which may hold a mask. */
export function sweepEmitter(
  run: SweepRun,
  registers: number,
): ((code: Assembler, memory: bigint) => void) | undefined {
  const translated = translate(run.program)
  const values = translated.stores.map(({ value }) => value)
  const distances = [...run.program.stores, ...run.program.steps].flatMap((at) =>
    'address' in at ? [at.address] : 'bytes' in at ? [at.bytes] : [],
  )
  const fits =
    registersFor(translated.program.steps, values) < registers &&
    distances.every((distance) => Math.abs(distance) < FAR)
  return fits ? (code, memory) => emitSweep(code, memory, run, translated) : undefined
}

/** Addresses count from `memory`, an address of this process. */
function emitSweep(code: Assembler, memory: bigint, run: SweepRun, { program, stores }: Translated): void {
  const { columns, width, sums, row: rowBytes, matrices } = run
  const lanes = code.vector / 4
  const [vectors, rest] = [Math.floor(columns / lanes), columns % lanes]
  if (matrices) code.push(rowsLeft)
  code.set(start, memory)
  for (const argument of [numbers, row, column, count]) code.moveUnsigned32(argument, argument)
  code.multiply(element, row, width)
  code.add(element, column)
  for (const pointer of [numbers, row, column, element]) code.add(pointer, start)
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
      const to = { base: element, bytes: stores[i]?.address ?? 0 }
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
    for (const pointer of [numbers, column, element]) code.add(pointer, code.vector)
    code.subtract(turns, 1)
    code.jumpIfNotZero(nextVector)
  }
  if (rest > 0) changeVector(registersOf(code) - 1)
  const moved = vectors * code.vector
  code.add(numbers, sums - moved)
  code.subtract(column, moved)
  code.add(element, rowBytes * width - moved)
  code.add(row, rowBytes)
  if (matrices) {
    code.subtract(rowsLeft, 1)
    code.jumpIfNotZero(nextRow)
    const between = matrices.row - matrices.rows * rowBytes
    code.add(element, between * width)
    code.add(row, between)
    code.add(numbers, matrices.sums - matrices.rows * sums)
  }
  code.subtract(count, 1)
  code.jumpIfNotZero(matrices ? nextMatrix : nextRow)
  code.leaveVectors()
  if (matrices) code.pop(rowsLeft)
  code.return()
  constants.write()
  placeMask()
}

type Translated = {
  readonly program: VectorProgram
  readonly stores: readonly { readonly value: VectorValue; readonly address: number }[]
}

function translate({ steps, stores }: ElementProgram): Translated {
  const program = new VectorProgram()
  const operands: VectorOperand[] = [0]
  const operand = (x: number): VectorOperand => operands[x] ?? 0
  const value = (x: number): VectorValue => program.value(operand(x))
  for (const step of steps) {
    switch (step.kind) {
      case 'load': {
        const from: Memory = { base: POINTERS[step.along], bytes: step.address }
        operands.push(program.load(from, step.along === 'row' || step.along === 'all'))
        break
      }
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
  return { program, stores: stores.map((store) => ({ value: value(store.value), address: store.address })) }
}
