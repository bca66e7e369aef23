/** Whether more or less of a figure is better. `auto` takes losses and errors for less, accuracies and scores for more. */
export function isBetter(
  monitor: string,
  mode: 'auto' | 'min' | 'max',
  minDelta = 0,
): (now: number, best: number) => boolean {
  const more = mode === 'max' || (mode === 'auto' && HIGHER.test(monitor))
  return more ? (now, best) => now - minDelta > best : (now, best) => now + minDelta < best
}

/** The value that every other is better than. */
export function worst(monitor: string, mode: 'auto' | 'min' | 'max'): number {
  return mode === 'max' || (mode === 'auto' && HIGHER.test(monitor)) ? -Infinity : Infinity
}

const HIGHER = /acc|precision|recall|f1|auc|r2|iou|cosine_similarity$/
