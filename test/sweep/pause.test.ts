import { expect, it } from 'vitest'

import type { Control } from '../../src/components/callbacks/listener.ts'
import { pause } from '../../src/sweep/pause.ts'

const options = { epochs: 3, metric: 'val_loss', lossOf: (value: number) => value, limit: () => undefined }
const plan = { epochs: 6, stepsPerEpoch: 45, stepsDone: 135 }

/** The reasons for which a listener stops a training that is resumed with its state and goes on for some epochs. */
function stops(values: Record<string, number | null>, epochs: readonly number[]): string[] {
  const reasons: string[] = []
  const control: Control = {
    stop: (reason) => void reasons.push(reason),
    weights: () => Promise.reject(new Error('nobody asks')),
    restore: () => undefined,
    factor: () => 1,
    setFactor: () => undefined,
    learningRate: () => undefined,
    report: () => Promise.resolve(),
    unfreeze: () => Promise.resolve(0),
  }
  const listener = pause(options)
  listener.state?.restore({ values })
  void listener.onTrainBegin?.(plan, control)
  for (const epoch of epochs) void listener.onEpochEnd?.(epoch, { val_loss: 1 }, control)
  return reasons
}

it('pauses at the end of an epoch, not at its last step', () => {
  // The checkpoint is of step 135, at which the third epoch has not ended.
  expect(stops({ hopeless: 0, ended: 2, best: 1 }, [])).toEqual([])
  expect(stops({ hopeless: 0, ended: 2, best: 1 }, [2])).toEqual(['paused'])
  expect(stops({ hopeless: 0, ended: 3, best: 1 }, [])).toEqual(['paused'])
})

it('stays ended where it was not promising', () => {
  expect(stops({ hopeless: 2, ended: 2, best: 1 }, [])).toEqual([
    'early_terminate: val_loss is not promising after epoch 2',
  ])
})
