/** A fitted scaling: a number x becomes (x - subtract) * multiply. */
export type FittedScaling = { readonly subtract: number; readonly multiply: number }

export function applyScaling(scaling: FittedScaling | undefined, value: number): number {
  return scaling ? (value - scaling.subtract) * scaling.multiply : value
}

export function undoScaling(scaling: FittedScaling | undefined, value: number): number {
  return scaling ? value / scaling.multiply + scaling.subtract : value
}

/** One scaling after another, as one. */
export function scaledAgain(first: FittedScaling | undefined, then: FittedScaling): FittedScaling {
  if (!first) return then
  return {
    subtract: first.subtract + then.subtract / first.multiply,
    multiply: first.multiply * then.multiply,
  }
}
