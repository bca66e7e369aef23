import { describe, expect, it } from 'vitest'
import { Assembler } from '../../../src/backend/native/assembler.ts'
import type { VectorBytes } from '../../../src/backend/native/assembler.ts'

function bytesOf(vector: VectorBytes, write: (code: Assembler) => void): string {
  const code = new Assembler()
  code.vector = vector
  write(code)
  return Buffer.from(code.toUint8Array()).toString('hex')
}

// Expected bytes: GNU as 2.40, with {evex} or {vex3} where an instruction has shorter forms.
type Case = readonly [text: string, bytes: string, write: (code: Assembler) => void]

const wide: readonly Case[] = [
  ['vmovups zmm0, [rdi]', '62f17c481007', (c) => c.load(0, { base: 'rdi', bytes: 0 })],
  ['vmovups zmm31, [r9+64]', '62417c48107901', (c) => c.load(31, { base: 'r9', bytes: 64 })],
  ['vmovups zmm8, [r9+8192]', '62517c48108100200000', (c) => c.load(8, { base: 'r9', bytes: 8192 })],
  ['vmovups zmm17, [r9+68]', '62c17c48108944000000', (c) => c.load(17, { base: 'r9', bytes: 68 })],
  ['vmovups [rdx+128], zmm24', '62617c48114202', (c) => c.store(24, { base: 'rdx', bytes: 128 })],
  ['vbroadcastss zmm26, [r8+8]', '62427d48185002', (c) => c.broadcast(26, { base: 'r8', bytes: 8 })],
  [
    'vbroadcastss zmm5, [r8+2048]',
    '62d27d4818a800080000',
    (c) => c.broadcast(5, { base: 'r8', bytes: 2048 }),
  ],
  ['vbroadcastss zmm5, [r8-512]', '62d27d48186880', (c) => c.broadcast(5, { base: 'r8', bytes: -512 })],
  ['vfmadd231ps zmm23, zmm26, zmm24', '62822d40b8f8', (c) => c.multiplyAdd(23, 26, 24)],
  ['vfmadd231ps zmm1, zmm9, zmm16', '62b23548b8c8', (c) => c.multiplyAdd(1, 9, 16)],
  [
    'vpmuludq zmm3, zmm14, zmm25',
    '62918d48f4d9',
    (c) => c.vectors({ opcode: 0xf4, map: 1, prefix: 1, wide: true }, 3, 14, 25),
  ],
  ['vbroadcastss zmm12, [rsp]', '62727d48182424', (c) => c.broadcast(12, { base: 'rsp', bytes: 0 })],
  ['kmovw k1, eax', 'c4e17892c8', (c) => c.setMask('rax')],
  ['kmovw k1, r9d', 'c4c17892c9', (c) => c.setMask('r9')],
  [
    'vmovups zmm31{k1}{z}, [rdx+64]',
    '62617cc9107a01',
    (c) => c.loadMasked(31, 0, { base: 'rdx', bytes: 64 }),
  ],
  ['vmovups [rdx+64]{k1}, zmm31', '62617c49117a01', (c) => c.storeMasked(31, 0, { base: 'rdx', bytes: 64 })],
  ['vaddps zmm30, zmm6, zmm17', '62214c4858f1', (c) => c.addVectors(30, 6, 17)],
  ['vpxord zmm15, zmm15, zmm15', '62510548efff', (c) => c.clear(15)],
  ['vpxord zmm16, zmm16, zmm16', '62a17d40efc0', (c) => c.clear(16)],
]

const narrow: readonly Case[] = [
  ['vmovups ymm0, [rdi]', 'c4e17c1007', (c) => c.load(0, { base: 'rdi', bytes: 0 })],
  ['vmovups ymm13, [r9+32]', 'c4417c106920', (c) => c.load(13, { base: 'r9', bytes: 32 })],
  ['vmovups ymm7, [r9+8192]', 'c4c17c10b900200000', (c) => c.load(7, { base: 'r9', bytes: 8192 })],
  ['vmovups [rdx-64], ymm11', 'c4617c115ac0', (c) => c.store(11, { base: 'rdx', bytes: -64 })],
  ['vbroadcastss ymm14, [r8+124]', 'c4427d18707c', (c) => c.broadcast(14, { base: 'r8', bytes: 124 })],
  ['vbroadcastss ymm2, [r8+4096]', 'c4c27d189000100000', (c) => c.broadcast(2, { base: 'r8', bytes: 4096 })],
  ['vfmadd231ps ymm11, ymm14, ymm13', 'c4420db8dd', (c) => c.multiplyAdd(11, 14, 13)],
  ['vfmadd231ps ymm1, ymm9, ymm6', 'c4e235b8ce', (c) => c.multiplyAdd(1, 9, 6)],
  [
    'vmaskmovps ymm10, ymm12, [rdx+96]',
    'c4621d2c5260',
    (c) => c.loadMasked(10, 12, { base: 'rdx', bytes: 96 }),
  ],
  [
    'vmaskmovps [rdx+96], ymm12, ymm10',
    'c4621d2e5260',
    (c) => c.storeMasked(10, 12, { base: 'rdx', bytes: 96 }),
  ],
  ['vaddps ymm10, ymm3, ymm9', 'c4416458d1', (c) => c.addVectors(10, 3, 9)],
  ['vpxor ymm12, ymm12, ymm12', 'c4411defe4', (c) => c.clear(12)],
  ['movabs rax, 0x7f6d12e40000', '48b80000e4126d7f0000', (c) => c.set('rax', 0x7f6d12e40000n)],
  ['movabs r11, 12', '49bb0c00000000000000', (c) => c.set('r11', 12n)],
  ['add rdi, rax', '4801c7', (c) => c.add('rdi', 'rax')],
  ['add r8, 4096', '4981c000100000', (c) => c.add('r8', 4096)],
  ['vzeroupper', 'c5f877', (c) => c.leaveVectors()],
  ['push rbx', '53', (c) => c.push('rbx')],
  ['push r12', '4154', (c) => c.push('r12')],
  ['pop rbp', '5d', (c) => c.pop('rbp')],
  ['pop r12', '415c', (c) => c.pop('r12')],
  ['ret', 'c3', (c) => c.return()],
  // Longer forms than as chooses, of the same meaning.
  ['sub rcx, 1', '4881e901000000', (c) => c.subtract('rcx', 1)],
  ['mov r9, rsi', '4c8bce', (c) => c.move('r9', 'rsi')],
  ['mov ecx, ecx', '408bc9', (c) => c.moveUnsigned32('rcx', 'rcx')],
]

describe('the assembler of x86-64', () => {
  it.each(wide)('writes %s', (_text, bytes, write) => {
    expect(bytesOf(64, write)).toBe(bytes)
  })

  it.each(narrow)('writes %s', (_text, bytes, write) => {
    expect(bytesOf(32, write)).toBe(bytes)
  })

  it('jumps back to a label', () => {
    const bytes = bytesOf(32, (code) => {
      const start = code.label()
      code.subtract('r10', 1)
      code.jumpIfNotZero(start)
    })
    expect(bytes).toBe('4981ea010000000f85f3ffffff')
  })
})
