/** Rounding of a * b + c: once (a fused multiply-add) or twice. */
export type Arithmetic = 'fma' | 'mul_add'
