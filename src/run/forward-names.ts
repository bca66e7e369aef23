import type { Arithmetic } from '../backend/plan/arithmetic.ts'

/** Names of the modules of a model's forward pass, by their arithmetic. */
export const forwardNames: Readonly<Record<Arithmetic, string>> = {
  fma: 'forward.wasm',
  mul_add: 'forward.mul_add.wasm',
}
