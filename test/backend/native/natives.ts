import { spawnSync } from 'node:child_process'
import { mkdtempSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Native, openNative } from '../../../src/engine/compiled/native.ts'
import { loadKoffi } from '../../../src/engine/koffi.ts'

/** The vectors for which there are kernels. */
export const vectorNames = ['avx2', 'avx512'] as const

/**
 * Machine code for some vectors; undefined where the processor lacks them. With NNLAB_AVX512=emulated a processor with AVX2
 * has those of AVX-512, too: a library that cc makes of avx512-emulator.c executes them.
 */
export function nativeFor(vectors: (typeof vectorNames)[number]): Native | undefined {
  const native = openNative(vectors)
  if (vectors === 'avx2' || native === undefined || native.vector === 64) return native
  return process.env['NNLAB_AVX512'] === 'emulated' ? emulated() : undefined
}

let made: Native | undefined

function emulated(): Native {
  if (made !== undefined) return made
  const library = join(mkdtempSync(join(tmpdir(), 'nnlab-avx512-')), 'emulator.so')
  // It stays when koffi closes it.
  const options = ['-O2', '-mavx2', '-mfma', '-shared', '-fPIC', '-Wl,-z,nodelete', '-o', library]
  const { status, stderr } = spawnSync('cc', [...options, join(import.meta.dirname, 'avx512-emulator.c')])
  const koffi = loadKoffi()
  if (status !== 0 || koffi === undefined) throw new Error(`AVX-512 cannot be emulated: ${String(stderr)}`)
  koffi.load(library)
  made = new Native(koffi, { vector: 64, halves: false, windows: false })
  return made
}
