import type { Assembler, Register } from './assembler.ts'

/** Vectors of which a function has to keep the low halves, and general registers that others need not keep. */
const [FIRST_KEPT, LAST_KEPT] = [6, 15]
const KEPT = ['rdi', 'rsi'] as const satisfies readonly Register[]

/** The four arguments, and where a function in the System V calling convention has them, in an order that loses none. */
const ARGUMENTS = [
  ['rdi', 'rcx'],
  ['rsi', 'rdx'],
  ['rdx', 'r8'],
  ['rcx', 'r9'],
] as const satisfies readonly (readonly [Register, Register])[]

/**
 * Writes a function of four integers in the calling convention of Windows. It calls the one at a label, which is in that of
 * System V. Source: Microsoft, x64 calling convention.
 */
export function emitWindowsEntry(code: Assembler, target: number): void {
  code.vector = 32
  const kept = Array.from({ length: LAST_KEPT - FIRST_KEPT + 1 }, (_, i) => FIRST_KEPT + i)
  const room = kept.length * code.vector
  for (const register of KEPT) code.push(register)
  code.subtract('rsp', room)
  for (const [i, vector] of kept.entries()) code.store(vector, { base: 'rsp', bytes: i * code.vector })
  for (const [to, from] of ARGUMENTS) code.moveUnsigned32(to, from)
  code.call(target)
  for (const [i, vector] of kept.entries()) code.load(vector, { base: 'rsp', bytes: i * code.vector })
  code.leaveVectors()
  code.add('rsp', room)
  for (const register of KEPT.toReversed()) code.pop(register)
  code.return()
}
