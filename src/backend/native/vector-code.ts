// The machine code of straight-line programs on vectors.

import type { Assembler, Constant, VectorOperation } from './assembler.ts'
import type { VectorOperand, Step, VectorValue, VectorProgram } from './vector-program.ts'
import { VectorRegisters } from './vector-registers.ts'

const operation = (prefix: VectorOperation['prefix'], opcode: number, map: 1 | 3 = 1): VectorOperation => {
  return { opcode, map, prefix }
}

/** Logic is that of integers, which AVX-512F has, too. */
const BINARY = {
  add: operation(0, 0x58),
  subtract: operation(0, 0x5c),
  multiply: operation(0, 0x59),
  divide: operation(0, 0x5e),
  minimum: operation(0, 0x5d),
  maximum: operation(0, 0x5f),
  and: operation(1, 0xdb),
  andNot: operation(1, 0xdf),
  or: operation(1, 0xeb),
  xor: operation(1, 0xef),
  addIntegers: operation(1, 0xfe),
  subtractIntegers: operation(1, 0xfa),
} as const

const UNARY = {
  squareRoot: operation(0, 0x51),
  toIntegers: operation(2, 0x5b),
  fromIntegers: operation(0, 0x5b),
  nearest: operation(1, 0x08, 3),
} as const
/** Rounds to even, and says nothing of what it rounds. */
const EVEN = 8

/** Shifts by an immediate: a field of the instruction says which. */
const SHIFTS = { left: 6, rightSigned: 4 } as const
const SHIFT = operation(1, 0x72)

const COMPARE = operation(0, 0xc2)
const PREDICATES = { equal: 0, less: 1, atMost: 2 } as const

/** The mask register that comparisons of AVX-512 set; another names the lanes of `loadMasked`. */
const MASK = 2
const MOVE = operation(0, 0x28)
const BLEND = operation(1, 0x4a, 3)
const TERNARY = operation(1, 0x25, 3)
/** The truth table of (first ? second : third). */
const CHOICE = 0xca
/** to = x * to + y, and to = x * y + to. */
const MULTIPLY_TO: VectorOperation = { opcode: 0xa8, map: 2, prefix: 1 }
const ADD_TO: VectorOperation = { opcode: 0xb8, map: 2, prefix: 1 }

/**
 * Writes a program whose argument is in vector 0; returns the registers of some of its values, unless given of the last.
 * `mask`: vectors end before their last lanes, see `loadMasked`; AVX2 has the mask in that register.
 */
export function emitVectorProgram(
  code: Assembler,
  { steps }: VectorProgram,
  constantOf: (bits: number) => Constant,
  results: readonly VectorValue[] = [steps.length],
  mask?: number,
): number[] {
  const registers = new VectorRegisters(mask ?? registersOf(code), steps, results)
  const emission = {
    code,
    constantOf,
    mask,
    register: (value: VectorValue) => registers.of(value),
    source: (operand: VectorOperand) =>
      typeof operand === 'number' ? registers.of(operand) : constantOf(operand.bits),
  }
  for (const [i, step] of steps.entries())
    emitStep(emission, step, registers.place(i, step, over(code, step)))
  return results.map((value) => registers.of(value))
}

/** Vector registers that there are. */
export function registersOf({ vector }: Pick<Assembler, 'vector'>): number {
  return vector === 64 ? 32 : 16
}

/** Operands over which a step writes its result: any, or as far as they are not needed later, some of them. */
function over({ vector }: Assembler, step: Step): 'any' | readonly VectorOperand[] {
  if (step.kind === 'choose' && vector === 64) return [step.z]
  if (step.kind !== 'multiplyAdd') return 'any'
  return typeof step.y === 'number' ? [step.z, step.x, step.y] : [step.z]
}

type StepOf<Kind extends Step['kind']> = Extract<Step, { readonly kind: Kind }>

type Emission = {
  readonly code: Assembler
  readonly constantOf: (bits: number) => Constant
  readonly mask: number | undefined
  readonly register: (value: VectorValue) => number
  readonly source: (operand: VectorOperand) => number | Constant
}

function emitStep(emission: Emission, step: Step, to: number): void {
  const { code, constantOf, mask, register, source } = emission
  switch (step.kind) {
    case 'constant':
      return loadConstant(code, to, constantOf(step.y.bits))
    case 'load':
      if (step.spread) return code.broadcast(to, step.from)
      return mask === undefined ? code.load(to, step.from) : code.loadMasked(to, mask, step.from)
    case 'unary':
      return code.vectors(UNARY[step.name], to, 0, source(step.y), step.name === 'nearest' ? EVEN : undefined)
    case 'binary':
      return code.vectors(BINARY[step.name], to, register(step.x), source(step.y))
    case 'shift':
      return code.vectors(SHIFT, SHIFTS[step.name], to, register(step.x), step.by)
    case 'compare':
      return emitCompare(emission, step, to)
    case 'choose':
      return emitChoose(emission, step, to)
    case 'multiplyAdd':
      return emitMultiplyAdd(emission, step, to)
  }
}

/** Fills a vector with a number, which a broadcast reads once. */
function loadConstant(code: Assembler, to: number, { base, bytes }: Constant): void {
  code.broadcast(to, { base, bytes })
}

function emitCompare({ code, register, source }: Emission, step: StepOf<'compare'>, to: number): void {
  const [x, y, predicate] = [register(step.x), source(step.y), PREDICATES[step.name]]
  if (code.vector === 32) return code.vectors(COMPARE, to, x, y, predicate)
  code.vectors(COMPARE, MASK, x, y, predicate)
  code.expandMask(to, MASK)
}

function emitChoose({ code, register }: Emission, { x, y, z }: StepOf<'choose'>, to: number): void {
  const mask = register(z)
  if (code.vector === 32) return code.vectors(BLEND, to, register(y), register(x), mask << 4)
  if (to !== mask) code.vectors(MOVE, to, 0, mask)
  code.vectors(TERNARY, to, register(x), register(y), CHOICE)
}

function emitMultiplyAdd(emission: Emission, { x, y, z }: StepOf<'multiplyAdd'>, to: number): void {
  const { code, register, source } = emission
  const factor = register(x)
  const sum = typeof z === 'number' ? register(z) : undefined
  if (typeof y === 'number' && to === register(y) && to !== sum) {
    code.vectors(MULTIPLY_TO, to, factor, source(z))
  } else if (sum === undefined || (to === factor && to !== sum)) {
    if (typeof y !== 'number') throw new Error('one of two numbers must be a value')
    if (to !== factor) code.vectors(MOVE, to, 0, factor)
    code.vectors(MULTIPLY_TO, to, register(y), source(z))
  } else {
    if (to !== sum) code.vectors(MOVE, to, 0, sum)
    code.vectors(ADD_TO, to, factor, source(y))
  }
}
