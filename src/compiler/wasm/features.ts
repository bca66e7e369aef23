import { setFlagsFromString } from 'node:v8'
import { ModuleBuilder } from './assembler.ts'

/**
 * Whether this process can run relaxed SIMD, which holds the fused multiply-add. Node 20 needs a flag for it, which
 * works only before the first module is compiled; later versions have it on and know no such flag.
 */
export function relaxedSimd(): boolean {
  const probe = new ModuleBuilder()
  probe.function({ params: [], results: ['v128'] }, (f) =>
    f.f32x4(1).f32x4(1).f32x4(1).op('f32x4.relaxed_madd'),
  )
  const bytes = probe.toBytes()
  if (WebAssembly.validate(bytes)) return true
  setFlagsFromString('--experimental-wasm-relaxed-simd')
  return WebAssembly.validate(bytes)
}
