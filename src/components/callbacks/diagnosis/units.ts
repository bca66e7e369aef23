import { list } from '../../../wording.ts'
import { activations } from '../../activations/index.ts'
import type { Probe, ProbedLayer } from '../probe.ts'
import type { LayerFault } from './layer-fault.ts'

/** The share of dead units from which they are named, as in the rule DeadRelu of Amazon SageMaker Debugger, and that which is serious. */
const [MANY_DEAD, MOST_DEAD] = [0.5, 0.9]
/** The share of saturated outputs from which they are named; ours. */
const MANY_SATURATED = 0.5
/** Distance from a limit within which an output is saturated, as a share of the range; sigmoid has 4 % of its slope there. */
const NEAR = 0.01
/** Distance within which a unit is off; relu is exactly. */
const OFF = 1e-7

/** The state of the outputs of a layer on a sample of rows. */
type Observed = {
  readonly layer: ProbedLayer
  /** For each unit: it was on for some row. */
  readonly alive: Uint8Array
  outputs: number
  saturated: number
}

/**
 * Layers whose units are mostly dead: off on every row of the sample; and those that are mostly saturated. Outputs of the
 * model may well be near their limits once it has learned: these are looked at before the first step only.
 */
export async function unitFaults(probe: Probe, isBeginning: boolean): Promise<LayerFault[]> {
  const watched = probe.layers.filter(({ activation }) => flatOutputs(activation) !== undefined)
  if (watched.length === 0) return []
  const observed = watched.map((layer): Observed => ({
    layer,
    alive: new Uint8Array(layer.shape.at(-1) ?? 1),
    outputs: 0,
    saturated: 0,
  }))
  for await (const outputs of probe.outputs(watched.map(({ name }) => name)))
    for (const one of observed) observe(one, outputs.get(one.layer.name) ?? new Float32Array())
  const [gates, layers] = [true, false].map((isGates) =>
    observed.filter(({ layer }) => (layer.gatesOf !== undefined) === isGates),
  )
  return [
    ...deadLayers(layers ?? []),
    ...saturated(layers?.filter(({ layer }) => isBeginning || !layer.isOutput) ?? [], OUTPUTS),
    ...saturated(gates ?? [], GATES),
  ]
}

function flatOutputs(activation: ProbedLayer['activation']) {
  return activation && activations.of(activation).flat?.(activation)
}

function observe(one: Observed, values: Float32Array): void {
  const { layer, alive } = one
  const { off, saturated = [] } = flatOutputs(layer.activation) ?? {}
  const range = saturated.length > 1 ? Math.max(...saturated) - Math.min(...saturated) : 1
  for (const [i, value] of values.entries()) {
    if (off === undefined || !(Math.abs(value - off) <= OFF)) alive[i % alive.length] = 1
    if (saturated.some((limit) => Math.abs(value - limit) <= NEAR * range)) one.saturated += 1
  }
  one.outputs += values.length / alongAxis(layer)
}

/** The outputs of a layer of which one at most is saturated: those along the axis of softmax. */
function alongAxis({ activation, shape }: ProbedLayer): number {
  if (!activation || activations.of(activation).outputShape === undefined) return 1
  const axes = [activation['axis'] ?? -1].flat().map(Number)
  return axes.reduce((size, axis) => size * (shape.at(axis < 0 ? axis : axis - 1) ?? 1), 1)
}

function deadLayers(observed: readonly Observed[]): LayerFault[] {
  const shares = observed.map(({ layer, alive }) => ({
    layer,
    dead: alive.filter((one) => one === 0).length / alive.length,
  }))
  const dead = shares.filter(({ dead }) => dead >= MANY_DEAD)
  const [first] = dead
  if (first === undefined) return []
  return [
    {
      kind: 'dead_units',
      severity: dead.some((one) => one.dead >= MOST_DEAD) ? 'serious' : 'note',
      layers: dead.map(({ layer }) => layer.name),
      text: (layers) =>
        `Units are dead in ${list(layers, 4)}: ${percent(dead.map((one) => one.dead))} of the units are off (${first.layer.activation?.type}) for every row looked at, and learn nothing.`,
      advice:
        'Lower compile.optimizer.learning_rate, scale the features, start from kernel_initializer he_normal and bias_initializer zeros, or use leaky_relu, elu or gelu.',
    },
  ]
}

/** Values that may be saturated, and what to do. */
const OUTPUTS = {
  what: 'Outputs',
  advice:
    'Scale the features (data.features.scale), put batch_normalization before the activation, start from smaller weights (glorot_uniform), lower compile.optimizer.learning_rate, or use relu.',
}
const GATES = {
  what: 'Gates',
  advice:
    'Scale the features (data.features.scale), start from smaller weights (glorot_uniform, orthogonal), lower compile.optimizer.learning_rate, or set clipnorm in the optimizer.',
}

function saturated(observed: readonly Observed[], { what, advice }: typeof OUTPUTS): LayerFault[] {
  const found = observed
    .map((one) => ({ layer: one.layer, share: one.saturated / one.outputs }))
    .filter(({ share }) => share > MANY_SATURATED)
  const [first] = found
  if (first === undefined) return []
  return [
    {
      kind: 'saturation',
      severity: 'serious',
      layers: [...new Set(found.map(({ layer }) => layer.gatesOf ?? layer.name))],
      text: (layers) =>
        `${what} are saturated in ${list(layers, 4)}: ${percent(found.map(({ share }) => share))} of them are at a limit of ${first.layer.activation?.type}, where its gradient vanishes.`,
      advice,
    },
  ]
}

function percent(shares: readonly number[]): string {
  return `${Math.round(100 * Math.max(...shares))} %`
}
