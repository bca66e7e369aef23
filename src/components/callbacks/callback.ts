import type { Component, Configured, Options } from '../../registry.ts'

/** Something that watches training and acts on it; src/listeners/ holds what it does. */
export interface CallbackComponent<O extends Options = Options> extends Component<O> {
  /** The logged figure it follows, such as val_loss. */
  monitor(config: Configured<O>): string
}

export function defineCallback<O extends Options>(component: CallbackComponent<O>): CallbackComponent<O> {
  return component
}
