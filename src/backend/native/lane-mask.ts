import type { Assembler, Register } from './assembler.ts'

/**
 * Prepares the mask of the first lanes of a vector, see `loadMasked`: in k1, or behind the code, where the register points to
 * it. Returns what writes it there.
 */
export function openMask(code: Assembler, register: Register, lanes: number): () => void {
  if (lanes === 0) return () => {}
  if (code.vector === 64) {
    code.set(register, BigInt(2 ** lanes - 1))
    code.setMask(register)
    return () => {}
  }
  const place = code.setAddress(register)
  return () => {
    code.align(code.vector)
    place(code.label())
    for (let lane = 0; lane < code.vector / 4; lane++) code.int32(lane < lanes ? -1 : 0)
  }
}
