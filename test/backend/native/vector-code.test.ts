import { expect, it } from 'vitest'

import { Assembler } from '../../../src/backend/native/assembler.ts'
import type { VectorBytes } from '../../../src/backend/native/assembler.ts'
import { emitVectorProgram } from '../../../src/backend/native/vector-code.ts'
import { float, VectorProgram } from '../../../src/backend/native/vector-program.ts'
import type { VectorValue } from '../../../src/backend/native/vector-program.ts'

/** The code of a program whose argument is in vector 0 and whose constants lie at rax. */
function codeOf(vector: VectorBytes, write: (p: VectorProgram) => VectorValue): string {
  const code = new Assembler()
  code.vector = vector
  const program = new VectorProgram()
  write(program)
  emitVectorProgram(code, program, () => ({ base: 'rax', bytes: 64, spread: true }))
  return Buffer.from(code.toUint8Array()).toString('hex')
}

// Expected bytes: GNU as 2.40, with {vex3} where an instruction has shorter forms.
it.each<readonly [string, VectorBytes, string, (p: VectorProgram) => VectorValue]>([
  ['vmulps zmm0, zmm0, [rax+64]{1to16}', 64, '62f17c58594010', (p) => p.binary('multiply', 0, float(2))],
  ['vmulps ymm0, ymm0, [rax+64]', 32, 'c4e17c594040', (p) => p.binary('multiply', 0, float(2))],
  ['vrndscaleps zmm0, zmm0, 8', 64, '62f37d4808c008', (p) => p.unary('nearest', 0)],
  ['vroundps ymm0, ymm0, 8', 32, 'c4e37d08c008', (p) => p.unary('nearest', 0)],
  ['vcvttps2dq zmm0, zmm0', 64, '62f17e485bc0', (p) => p.unary('toIntegers', 0)],
  ['vpslld zmm0, zmm0, 23', 64, '62f17d4872f017', (p) => p.shift('left', 0, 23)],
  ['vpsrad ymm0, ymm0, 23', 32, 'c4e17d72e017', (p) => p.shift('rightSigned', 0, 23)],
  [
    'vcmpltps k2, zmm0, [rax+64]{1to16}; vpternlogd zmm0{k2}{z}, zmm0, zmm0, 255',
    64,
    '62f17c58c2501001' + '62f37dca25c0ff',
    (p) => p.compare('less', 0, float(1)),
  ],
  ['vcmpltps ymm0, ymm0, [rax+64]', 32, 'c4e17cc2404001', (p) => p.compare('less', 0, float(1))],
  ['vfmadd213ps zmm0, zmm0, [rax+64]{1to16}', 64, '62f27d58a84010', (p) => p.multiplyAdd(0, 0, float(1))],
])('a program of vectors is %s', (_text, vector, bytes, write) => {
  expect(codeOf(vector, write)).toBe(bytes)
})

it('keeps values in registers until their last use', () => {
  const code = codeOf(32, (p) => {
    const twice = p.binary('add', 0, 0)
    return p.multiplyAdd(twice, 0, twice)
  })
  // vaddps ymm15, ymm0, ymm0; vfmadd231ps ymm15, ymm15, ymm0.
  expect(code).toBe('c4617c58f8' + 'c46205b8f8')
})
