/** Something that the reader of a report, or of the output of a training, should know first. */
export type Finding = {
  readonly severity: 'serious' | 'note' | 'good'
  /** A sentence that names it. */
  readonly text: string
  /** The next step. */
  readonly advice?: string
}

export const FINDING_KINDS = [
  'dead_units',
  'saturation',
  'vanishing_gradients',
  'exploding_gradients',
  'vanishing_through_time',
  'exploding_through_time',
  'large_updates',
  'overfitting',
  'underfitting',
] as const

/** A finding about a training while it goes on. */
export type TrainingFinding = Required<Finding> & {
  readonly kind: (typeof FINDING_KINDS)[number]
  /** Whole epochs that were done by then. */
  readonly epoch: number
  /** Names of the layers that it is about, in their order in the model. */
  readonly layers: readonly string[]
}
