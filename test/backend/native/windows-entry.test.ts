import { expect, it } from 'vitest'

import { Assembler } from '../../../src/backend/native/assembler.ts'
import { emitTiles } from '../../../src/backend/native/tiles.ts'
import { emitWindowsEntry } from '../../../src/backend/native/windows-entry.ts'
import { executable } from '../../../src/engine/compiled/code-pages.ts'
import { loadKoffi } from '../../../src/engine/koffi.ts'
import { nativeFor } from './natives.ts'

const koffi = loadKoffi()
const [A, B, OUT, BEFORE, AFTER] = [0, 4096, 8192, 12288, 16384]
const KEPT_VECTORS = [6, 7, 8, 9, 10, 11, 12, 13, 14, 15]
const [DEPTH, ROWS, COLUMNS] = [9, 4, 24]

it.skipIf(nativeFor('avx2') === undefined)(
  "takes a caller's arguments as Windows passes them, and keeps the registers that it must",
  () => {
    if (koffi === undefined) return
    const floats = new Float32Array(new SharedArrayBuffer(5 * 4096))
    const memory = koffi.address(new Uint8Array(floats.buffer))
    const code = new Assembler()
    const tiles = code.label()
    emitTiles(code, memory, {
      rows: ROWS,
      columns: COLUMNS,
      depth: DEPTH,
      a: { row: 4 * DEPTH, step: 4 },
      b: { step: 4 * COLUMNS },
      out: { row: 4 * COLUMNS },
      adds: false,
    })
    const entry = code.label()
    emitWindowsEntry(code, tiles)
    const caller = code.label()
    emitCaller(code, memory, entry)

    floats.fill(2, A / 4, B / 4)
    floats.fill(3, B / 4, OUT / 4)
    for (let i = 0; i < 80; i++) floats[BEFORE / 4 + i] = 100 + i
    const page = executable(koffi, code.toUint8Array())
    if (page === undefined) throw new Error('no page can be executed')
    koffi.decode(page, caller, koffi.proto('int (int, int, int, int)'))(A, B, OUT, 1)

    expect(floats.subarray(OUT / 4, OUT / 4 + ROWS * COLUMNS).every((sum) => sum === 6 * DEPTH)).toBe(true)
    // Of a vector the low half.
    for (const [i] of KEPT_VECTORS.entries()) {
      const half = (at: number): number[] => [...floats.subarray(at / 4 + 8 * i, at / 4 + 8 * i + 4)]
      expect(half(AFTER)).toEqual(half(BEFORE))
    }
    expect(new BigInt64Array(floats.buffer, AFTER + 32 * KEPT_VECTORS.length, 2)).toEqual(
      BigInt64Array.of(1n, 2n),
    )
  },
)

/** A function in the System V calling convention that calls one in that of Windows, and writes what it kept to memory. */
function emitCaller(code: Assembler, memory: bigint, target: number): void {
  code.vector = 32
  code.moveUnsigned32('r9', 'rcx')
  code.moveUnsigned32('r8', 'rdx')
  code.moveUnsigned32('rdx', 'rsi')
  code.moveUnsigned32('rcx', 'rdi')
  code.set('rax', memory + BigInt(BEFORE))
  for (const [i, vector] of KEPT_VECTORS.entries()) code.load(vector, { base: 'rax', bytes: 32 * i })
  code.set('rdi', 1n)
  code.set('rsi', 2n)
  code.call(target)
  code.set('rax', memory + BigInt(AFTER))
  for (const [i, vector] of KEPT_VECTORS.entries()) code.store(vector, { base: 'rax', bytes: 32 * i })
  code.push('rsi')
  code.push('rdi')
  code.load(0, { base: 'rsp', bytes: 0 })
  code.store(0, { base: 'rax', bytes: 32 * KEPT_VECTORS.length })
  code.pop('rdi')
  code.pop('rsi')
  code.leaveVectors()
  code.return()
}
