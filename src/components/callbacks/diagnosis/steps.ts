import { list } from '../../../wording.ts'
import type { StepGradients } from '../probe.ts'
import type { LayerFault } from './layer-fault.ts'

/** The largest gradient to a step of an input, as a multiple of the smallest one that counts; ours. */
const RATIO = 1e4

/** Recurrent layers whose gradient grows on the way back from the last step to the first (Pascanu et al., 2013). */
export function explodingThroughTime(all: readonly StepGradients[]): LayerFault[] {
  const found = all.filter(({ direction, norms }) => {
    // Steps without any gradient are masked.
    const last = norms.findLast((norm) => norm > 0) ?? NaN
    return direction === 'one way' && (norms[0] ?? NaN) > RATIO * last
  })
  if (found.length === 0) return []
  return [
    {
      kind: 'exploding_through_time',
      severity: 'serious',
      layers: found.map(({ layer }) => layer),
      text: (layers) =>
        `The gradient explodes over the steps of ${list(layers, 4)}: at the first it is over 10,000 times as large as at the last.`,
      advice:
        'Set clipnorm in the optimizer, use lstm or gru in place of simple_rnn, or start from recurrent_initializer orthogonal.',
    },
  ]
}

/** Recurrent layers that learn from few of their steps. */
export function vanishingThroughTime(all: readonly StepGradients[]): LayerFault[] {
  return all.flatMap(({ layer, norms }) => {
    const known = norms.filter((norm) => norm > 0)
    const strongest = Math.max(...known)
    const reached = known.filter((norm) => norm * RATIO >= strongest).length
    if (!Number.isFinite(strongest) || reached === known.length) return []
    return [
      {
        kind: 'vanishing_through_time',
        severity: 'note',
        layers: [layer],
        text: () =>
          `The gradient vanishes over the steps of ${layer}: ${reached} of ${known.length} have more than 1/10,000 of the largest, and the others are not learned from.`,
        advice:
          'Where the target depends on steps long ago, use lstm or gru in place of simple_rnn, bidirectional, or return_sequences: true with a global pooling behind it; where it does not, shorter windows train faster.',
      } as const,
    ]
  })
}
