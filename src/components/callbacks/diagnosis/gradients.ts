import { list, shortNumber } from '../../../wording.ts'
import type { Probe } from '../probe.ts'
import type { LayerFault } from './layer-fault.ts'
import { explodingThroughTime, vanishingThroughTime } from './steps.ts'

/**
 * Gradients vanish where, relative to its weights, that of a layer is this many times smaller than that of the last layer,
 * and explode where it is as many times larger, or larger than the weights themselves. Glorot and Bengio (2010) show the
 * ratio to grow with every layer; the threshold is ours: networks that learn stay below 300.
 */
const RATIO = 1e4
/** A step that changes weights by more than their own size; about 1e-3 is usual (Karpathy, Stanford CS231n). Ours. */
const LARGE_UPDATE = 1

/** Norms of a layer's weights, of their gradient, and of their change in a step. */
type Norms = {
  readonly name: string
  readonly weights: number
  readonly gradient: number
  readonly update: number
}

/**
 * Layers whose gradient vanishes or explodes, or whose weights a step changes too much; `loss` is that of the batch, and
 * `lost` are the faults of recurrent layers that do not learn from some of their steps.
 */
export async function gradientFaults(
  probe: Probe,
  factor: number,
): Promise<{ loss: number; faults: LayerFault[]; lost: LayerFault[] }> {
  const { loss, byParameter, bySteps } = await probe.gradients()
  const [weights, updates] = [await probe.weights(), await probe.updates(factor)]
  const norms = probe.layers
    .filter(({ parameters }) => parameters.some((id) => byParameter.has(id)))
    .map(({ name, parameters }): Norms => ({
      name,
      weights: norm(parameters, weights),
      gradient: norm(parameters, byParameter),
      update: norm(parameters, updates),
    }))
    // Of weights that are all 0 nothing is relative.
    .filter((one) => one.weights > 0)
  return {
    loss,
    faults: [...betweenLayers(norms), ...explodingThroughTime(bySteps), ...largeUpdates(norms)],
    lost: vanishingThroughTime(bySteps),
  }
}

function norm(parameters: readonly string[], numbers: ReadonlyMap<string, Float32Array>): number {
  let squares = 0
  for (const id of parameters) for (const x of numbers.get(id) ?? []) squares += x * x
  return Math.sqrt(squares)
}

function betweenLayers(norms: readonly Norms[]): LayerFault[] {
  const last = norms.at(-1)
  if (last === undefined) return []
  const nonFinite = norms.filter(({ gradient }) => !Number.isFinite(gradient))
  if (nonFinite.length > 0) return [exploding(nonFinite, 'it is not a finite number')]
  const size = ({ gradient, weights }: Norms): number => gradient / weights
  const ranked = norms.toSorted((a, b) => size(a) - size(b))
  const how = (one: Norms | undefined): string =>
    one === undefined || one === last
      ? `it is ${shortNumber(size(last))} times as large as the weights of ${last.name}`
      : `relative to the weights it is ${shortNumber(size(one))} in ${one.name} and ${shortNumber(size(last))} in ${last.name}`
  const small = norms.filter((one) => size(one) * RATIO < size(last))
  const large = norms.filter((one) => size(one) > RATIO * Math.min(1, size(last)))
  return [
    ...(small.length > 0 ? [vanishing(small, how(ranked[0]))] : []),
    ...(large.length > 0 ? [exploding(large, how(ranked.at(-1)))] : []),
  ]
}

function vanishing(norms: readonly Norms[], how: string): LayerFault {
  return {
    kind: 'vanishing_gradients',
    severity: 'serious',
    layers: norms.map(({ name }) => name),
    text: (layers) => `The gradient vanishes on the way back to ${list(layers, 4)}: ${how}.`,
    advice:
      'Use relu in place of sigmoid or tanh, batch_normalization or layer_normalization between the layers, kernel_initializer he_normal (relu) or glorot_uniform, shortcuts (add), or fewer layers.',
  }
}

function exploding(norms: readonly Norms[], how: string): LayerFault {
  return {
    kind: 'exploding_gradients',
    severity: 'serious',
    layers: norms.map(({ name }) => name),
    text: (layers) => `The gradient explodes in ${list(layers, 4)}: ${how}.`,
    advice:
      'Set clipnorm in the optimizer, start from smaller weights (glorot_uniform, he_normal), put batch_normalization or layer_normalization between the layers, scale the features and the target, or lower compile.optimizer.learning_rate.',
  }
}

function largeUpdates(norms: readonly Norms[]): LayerFault[] {
  const large = norms.filter(({ update, weights }) => update > LARGE_UPDATE * weights)
  const worst = Math.max(...large.map(({ update, weights }) => update / weights))
  if (large.length === 0) return []
  return [
    {
      kind: 'large_updates',
      severity: 'serious',
      layers: large.map(({ name }) => name),
      text: (layers) =>
        `Steps are too large: one changes the weights of ${list(layers, 4)} by up to ${Number(worst.toPrecision(2))} times their size.`,
      advice:
        'Lower compile.optimizer.learning_rate (`nnlab lr-find` suggests one), scale the features and the target, or set clipnorm in the optimizer.',
    },
  ]
}
