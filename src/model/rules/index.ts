import { isKnown } from '../../components/unknown-size.ts'
import type { Problem } from '../../diagnostic.ts'
import type { SpecDraft } from '../../spec/check/draft.ts'
import type { Outline } from '../graph.ts'
import { augmentProblems } from './augment.ts'
import { callbackLogProblems } from './callback-logs.ts'
import { classProblems, weightProblems } from './classes.ts'
import { dataProblems } from './data.ts'
import { inputProblems } from './input.ts'
import { lastLayerProblems } from './last-layer.ts'
import { memoryProblems } from './memory.ts'
import { metricProblems } from './metrics.ts'
import { monitorProblems } from './monitors.ts'
import { outputMapProblems } from './outputs.ts'
import { predictionProblems } from './predictions.ts'
import { sizeProblems } from './sizes.ts'
import { targetsOf } from './targets.ts'
import { unfreezeProblems } from './unfreeze.ts'

/** Rules across keys: how data, inputs, outputs, losses, metrics and callbacks go together, as far as they are known. */
export function checkRules(spec: SpecDraft, outline: Outline): Problem[] {
  const { compile, fit, data } = spec
  const { outputs } = outline
  const inputs = outline.inputs?.map(({ name, shape }) => ({
    name,
    shape: shape && isKnown(shape) ? shape : undefined,
  }))
  const targets = targetsOf(outline, compile.loss)
  const ofTargets = targets.flatMap((target) => {
    const wrong = [...lastLayerProblems(target), ...predictionProblems(target)]
    return wrong.length > 0 ? wrong : [...classProblems(target, data), ...metricProblems(target, compile)]
  })
  return [
    ...inputProblems(spec),
    ...sizeProblems(outline, targets),
    ...memoryProblems(outline, spec),
    ...outputMapProblems(outline, compile),
    ...ofTargets,
    ...(inputs && outputs ? dataProblems({ inputs, outputs }, targets, data) : []),
    ...augmentProblems(inputs, targets, data),
    ...weightProblems(targets, fit.class_weight, data),
    ...monitorProblems(outline, spec),
    ...callbackLogProblems(fit),
    ...unfreezeProblems(outline, spec),
  ]
}
