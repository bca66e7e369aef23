import type { Proxies } from '../../table/files/request.ts'
import type { Component, Configured, Options } from '../../registry.ts'
import type { MetricValues } from '../metrics/metric.ts'
import type { Directions } from './improvement.ts'
import type { Listener } from './listener.ts'
import type { Log } from './log.ts'
import type { MlflowCredentials } from './mlflow-client.ts'
import type { Probe } from './probe.ts'

/** A listener that a config names. */
export interface CallbackComponent<O extends Options = Options> extends Component<O> {
  /** True where it changes the learning rate, which a schedule would overwrite at every step. */
  setsLearningRate?(config: Configured<O>): boolean
  /** Patterns of the names of frozen layers that it has trained from some epoch on. */
  unfreezes?(config: Configured<O>): readonly string[]
  /** Set where it ends training: the option of which a larger value would make an ended training go on. */
  readonly endsBy?: keyof O & string
  /** Files that it writes in the folder of the run. */
  readonly logs?: readonly string[]
  /** The logged metric that its option `monitor` names, such as val_loss. */
  monitor?(config: Configured<O>): string
  /** The listener of one training. */
  listener(config: Configured<O>, training: TrainingSettings): Listener
}

/** Settings of a training that callbacks may need. */
export type TrainingSettings = {
  /** The optimizer's own learning rate. */
  readonly initialRate: number
  readonly directions: Directions
  /** The text of the config. */
  readonly config: string
  readonly probe: Probe
  /** The run; undefined where a training is only repeated and leaves nothing. */
  readonly run?: RecordedRun | undefined
  /** The epochs that were logged before this process, from 1, with their metric values. */
  past(): Promise<Iterable<readonly [epoch: number, metricValues: MetricValues]>>
  /** One of the component's files. */
  log(name: string): Log
}

/** The run of a training, for those who tell others of it. */
export type RecordedRun = {
  /** An id of its own, which stays when it is resumed. */
  readonly id: string
  /** The name of the config, and that of the run folder. */
  readonly name: string
  readonly label: string
  /** The path of the config. */
  readonly config: string
  /** The spec as plain data. */
  readonly spec: unknown
  readonly credentials: MlflowCredentials
  readonly proxies?: Proxies | undefined
  /** Tells the user something that is no error. */
  note(text: string): void
}

export function defineCallback<O extends Options>(component: CallbackComponent<O>): CallbackComponent<O> {
  return component
}
