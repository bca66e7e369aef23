import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

import { expect, it, onTestFinished } from 'vitest'

import { emptySums } from '../../src/engine/engine.ts'
import { CheckpointListener } from '../../src/run/checkpoint-listener.ts'
import { Checkpoints } from '../../src/run/checkpoints.ts'
import { disk } from '../../src/run/files.ts'
import { checkpointSection } from '../../src/spec/schema/fit.ts'
import type { TrainingControl } from '../../src/train/loop.ts'

/** Positions of the checkpoints of 12 steps, 4 an epoch, of 10 ms each, where writing one takes 50 ms. */
async function written(every?: string): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'nnlab-cadence-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const slow = {
    ...disk,
    rename: async (from: string, to: string) => {
      await sleep(50)
      await disk.rename(from, to)
    },
  }
  const store = new Checkpoints(folder, 'this-one', slow)
  const listener = new CheckpointListener({
    spec: checkpointSection().parse({ ...(every !== undefined && { every }), keep: 99 }),
    directions: new Map(),
    store,
    logs: [],
    waiting: { signal: new AbortController().signal, tell: () => undefined },
    onDiskFull: () => undefined,
  })
  let position = { epoch: 0, steps: 0 }
  const control: TrainingControl = {
    weights: () => Promise.resolve(new Map()),
    stop: () => undefined,
    restore: () => undefined,
    factor: () => 1,
    setFactor: () => undefined,
    learningRate: () => undefined,
    report: () => Promise.resolve(),
    unfreeze: () => Promise.resolve(0),
    trainingState: () =>
      Promise.resolve({
        epoch: position.epoch,
        sums: { ...emptySums(), steps: position.steps },
        metricValues: {},
        factor: 1,
        seconds: 0,
        weights: new Map(),
        optimizer: { iterations: 0, slots: new Map(), state: new Map() },
        listenerStates: new Map(),
      }),
  }
  listener.onTrainBegin({ epochs: 3, stepsPerEpoch: 4, stepsDone: 0 })
  for (let step = 0; step < 12; step++) {
    await sleep(10)
    const epoch = Math.floor(step / 4)
    position = { epoch, steps: (step % 4) + 1 }
    await listener.onProgress(epoch, position.steps, {}, control)
    if (position.steps < 4) continue
    position = { epoch: epoch + 1, steps: 0 }
    await listener.onEpochEnd(epoch, {}, control)
  }
  await listener.close()
  return (await readdir(store.folder).catch(() => [])).map((name) => name.replaceAll(/0+(?=\d)/g, '')).sort()
}

it('writes every checkpoint that a config asks for, however long it takes', async () => {
  expect(await written('3 steps')).toEqual(['0-3', '1-2', '2-1', '2-4'])
  expect(await written('1 epoch')).toEqual(['1-0', '2-0', '3-0'])
  expect((await written('0.001 s')).length).toBeGreaterThan(10)
  expect(await written('1000 s')).toEqual([])
})

it('writes none in so short a time by default', async () => {
  expect(await written()).toEqual([])
})
