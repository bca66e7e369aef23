import { activations } from '../../components/activations/index.ts'
import type { DiagnosticCode } from '../../diagnostic-codes.ts'
import { errorAt } from '../../diagnostic.ts'
import type { ConfigPath, Problem } from '../../diagnostic.ts'
import { isConfig } from '../../registry.ts'
import type { ComponentConfig } from '../../registry.ts'
import type { OutputTarget } from './targets.ts'
import { isMulticlass } from './targets.ts'

/** The last layer against its loss: the activation, and one unit or several. */
export function lastLayerProblems(target: OutputTarget): Problem[] {
  const { loss, units } = target
  const activation = lastActivation(target)
  const { type: ends, path } = activation ?? { type: undefined, path: target.path }
  const report = (code: DiagnosticCode, message: string, hint: string, at: ConfigPath = path): Problem[] => [
    errorAt(code, at, message, hint),
  ]
  if (ends === 'softmax' && units === 1) {
    const hint = 'use sigmoid with binary_crossentropy, or one unit per class'
    return report('softmax-one-unit', 'softmax over one unit is always 1', hint)
  }
  if (isMulticlass(target) && units === 1) {
    return report(
      'one-unit',
      `${loss.type} needs one unit per class, but the last layer has 1`,
      'give it one unit per class with softmax, or use binary_crossentropy with sigmoid',
      'units' in (target.config ?? {}) ? [...target.path, 'units'] : target.path,
    )
  }
  if (ends === undefined) return []
  const logits = loss['from_logits']
  if (logits === true && probabilities.has(ends)) {
    return report(
      'activation-loss',
      `from_logits: true takes what comes before the activation, but the last layer ends with ${ends}`,
      'remove from_logits, or the activation',
      [...target.lossPath, 'from_logits'],
    )
  }
  const crossentropy = logits === false
  if (isMulticlass(target) && crossentropy && !distributions.has(ends)) {
    return ends === 'sigmoid'
      ? report(
          'activation-loss',
          `${loss.type} needs probabilities that add up to 1, but those of sigmoid are independent`,
          'use softmax, or binary_crossentropy for labels that may hold together',
        )
      : report(
          'activation-loss',
          `${loss.type} needs probabilities, but the last layer ends with ${ends}`,
          'end with softmax, or set from_logits: true in the loss',
        )
  }
  if (isMulticlass(target) || !crossentropy) return []
  if (distributions.has(ends)) {
    return report(
      'activation-loss',
      `${loss.type} needs an independent yes or no per unit, but ${ends} makes the units add up to 1`,
      'use categorical_crossentropy with softmax, or sigmoid here',
    )
  }
  return shares.has(ends)
    ? []
    : report(
        'activation-loss',
        `${loss.type} needs probabilities, but the last layer ends with ${ends}`,
        'end with sigmoid, or set from_logits: true in the loss',
      )
}

/** Activations whose units add up to 1, and those that yield a number from 0 to 1 each. */
const distributions: ReadonlySet<string> = new Set(['softmax', 'sparsemax'])
const shares: ReadonlySet<string> = new Set(['sigmoid', 'hard_sigmoid', 'sparse_sigmoid'])
const probabilities: ReadonlySet<string> = new Set([...distributions, 'sigmoid'])

/** The activation that an output ends with, and the key that says so; undefined where the layer has none. */
export function lastActivation({
  config,
  path,
}: OutputTarget): { type: string; path: ConfigPath } | undefined {
  return config && activationOf(config, path)
}

function activationOf(
  config: ComponentConfig,
  path: ConfigPath,
): { type: string; path: ConfigPath } | undefined {
  const { activation, layer } = config
  if (isConfig(activation)) return { type: activation.type, path: [...path, 'activation'] }
  if (isConfig(layer)) return activationOf(layer, [...path, 'layer'])
  return activations.find(config.type) ? { type: config.type, path } : undefined
}
