import type { Assembler, Register } from './assembler.ts'
import { emitVectorProgram } from './vector-code.ts'
import type { VectorProgram } from './vector-program.ts'

/** Arguments of a function in the System V calling convention, and a register that it need not keep. */
const [from, to, count, base] = ['rdi', 'rdx', 'rcx', 'rax'] as const satisfies readonly Register[]

/**
 * The function (x, nothing, out, count) that replaces each number of `count` vectors at x by what a program makes of it,
 * at out; addresses count from `memory`, an address of this process.
 */
export function emitMap(code: Assembler, memory: bigint, program: VectorProgram): void {
  const constants: number[] = []
  code.set(base, memory)
  for (const argument of [from, to, count]) code.moveUnsigned32(argument, argument)
  for (const pointer of [from, to]) code.add(pointer, base)
  const placeConstants = code.setAddress(base)
  const vector = code.label()
  code.load(0, { base: from, bytes: 0 })
  const [result = 0] = emitVectorProgram(code, program, (bits) => {
    if (!constants.includes(bits)) constants.push(bits)
    return { base, bytes: 4 * constants.indexOf(bits) * copies(code), spread: true }
  })
  code.store(result, { base: to, bytes: 0 })
  code.add(from, code.vector)
  code.add(to, code.vector)
  code.subtract(count, 1)
  code.jumpIfNotZero(vector)
  code.leaveVectors()
  code.return()
  code.align(64)
  placeConstants(code.label())
  for (const bits of constants) for (let copy = 0; copy < copies(code); copy++) code.int32(bits)
}

/** AVX-512 spreads a number over its lanes; AVX2 needs it in each. */
function copies({ vector }: Assembler): number {
  return vector === 64 ? 1 : vector / 4
}
