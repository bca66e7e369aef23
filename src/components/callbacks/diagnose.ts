import * as z from 'zod'

import { defineCallback } from './callback.ts'
import { curveFindings, isLevel } from './diagnosis/curves.ts'
import { underfitting } from './diagnosis/fit.ts'
import type { CurveFinding } from './diagnosis/curves.ts'
import type { LayerFault } from './diagnosis/layer-fault.ts'
import { gradientFaults } from './diagnosis/gradients.ts'
import { unitFaults } from './diagnosis/units.ts'
import type { Control } from './listener.ts'
import { shortNumber } from '../../wording.ts'

/** A loss that is above this share of what it was before training has learned nothing; ours. */
const HARDLY_FELL = 0.9

/** Looks into the layers before the first step and after epochs, and at the curves in the end. */
export const diagnose = defineCallback({
  type: 'diagnose',
  summary: 'Names dead units, saturation, vanishing and exploding gradients, overfitting and underfitting',
  options: () => ({
    freq: z.int().positive().default(1).describe('Epochs between two looks into the layers'),
  }),
  listener({ freq }, { probe, past }) {
    /** Faults that were told, by kind and layer, with the epoch. */
    const told = new Map<string, number>()
    let initialLoss: number | undefined
    let wanted = 0
    /** The steps that recurrent layers do not learn from, when they were last looked at. */
    let lost: readonly LayerFault[] = []
    const epochs: number[] = []
    const history = new Map<string, number[]>()
    const look = async (epoch: number, control: Control): Promise<void> => {
      const units = await unitFaults(probe, epoch === 0)
      const { loss, faults, ...found } = await gradientFaults(probe, control.factor())
      lost = found.lost
      if (epoch === 0) initialLoss = loss
      // Behind units that are dead or saturated gradients vanish, of course.
      const causes = faults.filter(({ kind }) => units.length === 0 || kind !== 'vanishing_gradients')
      for (const fault of [...units, ...causes]) await tell(fault, epoch, control)
    }
    const tell = async (
      { layers, text, ...fault }: LayerFault,
      epoch: number,
      control: Control,
    ): Promise<void> => {
      const fresh = layers.filter((layer) => !told.has(`${fault.kind} ${layer}`))
      if (fresh.length === 0) return
      for (const layer of fresh) told.set(`${fault.kind} ${layer}`, epoch)
      await control.report({ ...fault, epoch, layers: fresh, text: text(fresh) })
    }
    return {
      state: {
        save: () => ({ values: { initialLoss: initialLoss ?? null, ...Object.fromEntries(told) } }),
        restore({ values: { initialLoss: loss, ...rest } }) {
          initialLoss = loss ?? undefined
          for (const [key, epoch] of Object.entries(rest)) told.set(key, epoch ?? 0)
        },
      },
      async onTrainBegin(plan, control) {
        wanted = plan.epochs
        const done = Math.floor(plan.stepsDone / plan.stepsPerEpoch)
        for (const [epoch, values] of await past()) if (epoch <= done) add(epochs, history, epoch, values)
        if (plan.stepsDone === 0) await look(0, control)
      },
      async onEpochEnd(epoch, metricValues, control) {
        add(epochs, history, epoch + 1, metricValues)
        if ((epoch + 1) % freq === 0) await look(epoch + 1, control)
      },
      async onTrainEnd(control) {
        const epoch = epochs.at(-1) ?? 0
        const curves = { epochs, history, isWhole: epoch >= wanted }
        for (const fault of lost) await tell(fault, epoch, control)
        const fit = (await underfitting(probe)) ?? notLearned(history.get('loss')?.at(-1), initialLoss)
        const verdicts = [
          ...fit.filter(({ severity }) => severity === 'serious'),
          ...curveFindings(curves),
          ...(isLevel(curves) ? fit : []),
        ]
        for (const finding of verdicts.slice(0, 1)) await control.report({ ...finding, epoch, layers: [] })
      },
    }
  },
})

function add(
  epochs: number[],
  history: Map<string, number[]>,
  epoch: number,
  values: Readonly<Record<string, number>>,
): void {
  epochs.push(epoch)
  for (const [name, value] of Object.entries(values)) {
    const curve = history.get(name)
    if (curve) curve.push(value)
    else history.set(name, [value])
  }
}

function notLearned(loss: number | undefined, initial: number | undefined): CurveFinding[] {
  if (loss === undefined || initial === undefined || !(initial > 0) || !(loss > HARDLY_FELL * initial))
    return []
  return [
    {
      kind: 'underfitting',
      severity: 'serious',
      text: `It underfits: loss is ${shortNumber(loss)}, and was ${shortNumber(initial)} before the first step.`,
      advice:
        'Change compile.optimizer.learning_rate (`nnlab lr-find` shows where the loss falls), scale the features, add units or layers, or raise fit.epochs.',
    },
  ]
}
