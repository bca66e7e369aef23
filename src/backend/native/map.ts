import type { Assembler, Register } from './assembler.ts'
import { ConstantPool } from './constant-pool.ts'
import { emitVectorProgram } from './vector-code.ts'
import type { VectorProgram } from './vector-program.ts'

/** Arguments of a function in the System V calling convention, and a register that it need not keep. */
const [from, to, count, base] = ['rdi', 'rdx', 'rcx', 'rax'] as const satisfies readonly Register[]

/**
 * The function (x, nothing, out, count) that replaces each number of `count` vectors at x by what a program makes of it,
 * at out; addresses count from `memory`, an address of this process.
 */
export function emitMap(code: Assembler, memory: bigint, program: VectorProgram): void {
  code.set(base, memory)
  for (const argument of [from, to, count]) code.moveUnsigned32(argument, argument)
  for (const pointer of [from, to]) code.add(pointer, base)
  const constants = new ConstantPool(code, base)
  const vector = code.label()
  code.load(0, { base: from, bytes: 0 })
  const [result = 0] = emitVectorProgram(code, program, (bits) => constants.of(bits))
  code.store(result, { base: to, bytes: 0 })
  code.add(from, code.vector)
  code.add(to, code.vector)
  code.subtract(count, 1)
  code.jumpIfNotZero(vector)
  code.leaveVectors()
  code.return()
  constants.write()
}
