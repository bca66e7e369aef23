/** A fitted scaling: a number x becomes (x - subtract) * multiply. */
export type FittedScaling = { readonly subtract: number; readonly multiply: number }

export function applyScaling(scaling: FittedScaling | undefined, value: number): number {
  return scaling ? (value - scaling.subtract) * scaling.multiply : value
}

export function undoScaling(scaling: FittedScaling | undefined, value: number): number {
  return scaling ? value / scaling.multiply + scaling.subtract : value
}
