import type { KerasTensor, Topology } from '../topology.ts'

// TensorFlow.js layers of which activations are composed that have no name there.

/** scale * x + offset. */
export function affine(keras: Topology, x: KerasTensor, scale: number, offset = 0): KerasTensor {
  return keras.layer('Rescaling', { scale, offset }, [x], x.shape)
}

/** A function that has a name. */
export function named(keras: Topology, x: KerasTensor, activation: string): KerasTensor {
  return keras.layer('Activation', { activation }, [x], x.shape)
}

/** x between 0 and a ceiling. */
export function ramp(keras: Topology, x: KerasTensor, ceiling: number | null = null): KerasTensor {
  return keras.layer('ReLU', { max_value: ceiling }, [x], x.shape)
}

/** x where it is above the threshold, else 0. */
export function above(keras: Topology, x: KerasTensor, threshold: number): KerasTensor {
  return keras.layer('ThresholdedReLU', { theta: threshold }, [x], x.shape)
}

export function sum(keras: Topology, ...xs: KerasTensor[]): KerasTensor {
  return keras.layer('Add', {}, xs, xs[0]?.shape ?? [])
}

export function product(keras: Topology, ...xs: KerasTensor[]): KerasTensor {
  return keras.layer('Multiply', {}, xs, xs[0]?.shape ?? [])
}
