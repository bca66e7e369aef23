import type { TrainingFinding } from './finding.ts'

/** A fault of some layers; its text names those that are new. */
export type LayerFault = Pick<TrainingFinding, 'kind' | 'severity' | 'advice' | 'layers'> & {
  readonly text: (layers: readonly string[]) => string
}
