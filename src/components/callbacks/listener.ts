import type { MetricValues } from '../metrics/metric.ts'
import type { TrainingFinding } from './diagnosis/finding.ts'

/** An epoch that may be returned to; epochs count from 0. */
export type KeptEpoch = {
  /** By parameter id. */
  readonly weights: ReadonlyMap<string, Float32Array>
  readonly epoch: number
  readonly metricValues: MetricValues
}

/** State that a listener needs to continue as if training had not been interrupted. */
export type ListenerState = {
  readonly values: Readonly<Record<string, number | null>>
  readonly kept?: KeptEpoch | undefined
}

/** Actions of a listener on training. */
export type Control = {
  weights(): Promise<KeptEpoch['weights']>
  /** Ends training after this epoch. */
  stop(reason: string): void
  /** Ends training with the weights of an earlier epoch. */
  restore(kept: KeptEpoch): void
  /** The factor on the learning rate. */
  factor(): number
  setFactor(factor: number): void
  /** The learning rate that the last epoch ended with; undefined where it is the same in all. */
  learningRate(): number | undefined
  /** Tells every listener what the training is found to suffer from. */
  report(finding: TrainingFinding): Promise<void>
  /**
   * Trains frozen layers whose names match from the next epoch on, with slots and a count of steps that begin by now, or
   * after as many updates as are given; resolves to that number of updates.
   */
  unfreeze(patterns: readonly string[], since?: number): Promise<number>
}

/** The values of an epoch as logs have them: its metric values, and as in Keras the learning rate where that changes. */
export function loggedValues(
  metricValues: MetricValues,
  control: Pick<Control, 'learningRate'>,
): MetricValues {
  const rate = control.learningRate()
  return rate === undefined ? metricValues : { ...metricValues, learning_rate: rate }
}

/** The length of training, and how much of it was done before. */
export type TrainingPlan = {
  readonly epochs: number
  readonly stepsPerEpoch: number
  readonly stepsDone: number
}

/** The way in which training ended; what was interrupted can be resumed. */
export type Ending = 'completed' | 'interrupted' | 'failed'

/** Receives the events of training and may act on it; epochs count from 0, steps are those done. */
export interface Listener<C extends Control = Control> {
  /** The name under which its state is saved. */
  readonly name?: string
  /** Saves its state, and restores it before `onTrainBegin`. */
  readonly state?: { save(): ListenerState; restore(state: ListenerState): void }
  /** The next step of the whole training at which it needs `onProgress`, which is called at others too. */
  nextStep?(steps: number): number
  onTrainBegin?(plan: TrainingPlan, control: C): Promise<void> | void
  /** After some steps of an epoch: how many are done, and the metric values over them. */
  onProgress?(epoch: number, steps: number, metricValues: MetricValues, control: C): Promise<void> | void
  onEpochEnd?(epoch: number, metricValues: MetricValues, control: C): Promise<void> | void
  /** Called where another listener found something, also before `onTrainBegin`. */
  onFinding?(finding: TrainingFinding): Promise<void> | void
  /** When training ends, before anything is restored: it could continue from here. */
  onStop?(control: C): Promise<void> | void
  onTrainEnd?(control: C): Promise<void> | void
  /** Called last, also where training failed. */
  close?(ending: Ending): Promise<void> | void
}
