import { setFlagsFromString } from 'node:v8'

import { RunError } from '../../../errors.ts'
import { ModuleBuilder } from './module-builder.ts'

/**
 * True if this process can run relaxed SIMD with a fused multiply-add. Node 20 needs a flag for it, which works only
 * before the first module is compiled; later versions have it on and know no such flag. A processor without the
 * instruction rounds twice.
 */
export function relaxedSimd(): boolean {
  if (!('WebAssembly' in globalThis)) {
    throw new RunError('Node runs without WebAssembly here, to which every network is compiled', {
      hint: 'start it without its option jitless, also in NODE_OPTIONS',
    })
  }
  const probe = new ModuleBuilder()
  const x = 1 + 2 ** -12
  const main = probe.function({ params: [], results: ['f32'] }, (f) =>
    f
      .f32x4(x)
      .f32x4(x)
      .f32x4(-1 - 2 ** -11)
      .op('f32x4.relaxed_madd')
      .lane('f32x4.extract_lane', 0),
  )
  probe.export('main', main)
  const bytes = probe.toBytes()
  if (!WebAssembly.validate(bytes)) setFlagsFromString('--experimental-wasm-relaxed-simd')
  if (!WebAssembly.validate(bytes)) return false
  // x * x = 1 + 2 ** -11 + 2 ** -24, of which float32 lacks the last bit.
  return new WebAssembly.Instance(new WebAssembly.Module(bytes), {}).exports['main']?.() === 2 ** -24
}
