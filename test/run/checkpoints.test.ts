import { cp, mkdir, mkdtemp, readFile, readdir, rm, symlink, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { describe, expect, it, onTestFinished } from 'vitest'

import { emptySums } from '../../src/engine/engine.ts'
import type { RunError } from '../../src/errors.ts'
import { Checkpoints } from '../../src/run/checkpoints.ts'
import type { CheckpointKeeping } from '../../src/run/checkpoints.ts'
import type { TrainingState } from '../../src/train/training-state.ts'
import { eachFlip, TIMEOUT } from './flips.ts'

const weights = new Map([
  ['dense/kernel', Float32Array.of(0.1, -0, NaN, 3e38)],
  ['dense/bias', Float32Array.of(-1.5)],
])
const state: TrainingState = {
  epoch: 3,
  sums: {
    rows: 64,
    steps: 2,
    loss: 0.1 + 0.2,
    losses: new Map([['out', 1 / 3]]),
    metrics: new Map([['auc', Float64Array.of(1 / 3, -0, Infinity)]]),
  },
  metricValues: { loss: 0.25, val_loss: NaN },
  factor: 0.1,
  seconds: 1.5,
  weights,
  optimizer: {
    iterations: 98,
    slots: new Map([
      ['dense/kernel/velocity', Float32Array.of(1, 2, 3, 4)],
      ['dense/bias/velocity', Float32Array.of(5)],
    ]),
    state: new Map([['power', -0]]),
  },
  listenerStates: new Map([
    ['history.csv', { values: { bytes: 71 }, kept: undefined }],
    [
      'callbacks[0]',
      { values: { best: null, waited: 2 }, kept: { weights, epoch: 1, metricValues: { loss: -Infinity } } },
    ],
  ]),
}
const origin = {
  run: 'this-one',
  sizes: new Map([
    ['dense/kernel', 4],
    ['dense/bias', 1],
  ]),
  slots: new Map([
    ['dense/kernel/velocity', 4],
    ['dense/bias/velocity', 1],
  ]),
}
const place = { epoch: 3, step: 2 }
const keeping: CheckpointKeeping = { last: 3, best: 0, better: () => false }

async function committed(...states: TrainingState[]): Promise<Checkpoints> {
  const folder = await mkdtemp(join(tmpdir(), 'nnlab-checkpoints-'))
  onTestFinished(() => rm(folder, { recursive: true }))
  const store = new Checkpoints(folder, 'this-one')
  for (const each of states) await store.commit(each, keeping)
  return store
}

describe('a checkpoint', () => {
  it('comes back bit for bit, with numbers that JSON lacks', async () => {
    const store = await committed(state)
    expect(await store.read(place, origin)).toEqual(state)
    expect(await readdir(store.folder)).toEqual(['00003-000002'])
  })

  it('of version 1 is read for ever', async () => {
    const store = await committed()
    await cp('test/fixtures/checkpoints/v1', store.pathOf(place), { recursive: true })
    expect(await store.read(place, origin)).toEqual({ ...state, sums: { ...state.sums, losses: new Map() } })
  })

  it('with any byte changed is refused', { timeout: TIMEOUT }, async () => {
    const store = await committed(state)
    const tried = await eachFlip(store.pathOf(place), async (what) => {
      const read = await store.read(place, origin).catch((error: RunError) => error.name)
      expect(read, what).toBe('RunError')
    })
    expect(tried).toBeGreaterThan(900)
  })

  it.each<[string, (folder: string) => Promise<unknown>, RegExp]>([
    ['cut off', (folder) => truncate(join(folder, 'arrays.bin'), 5), /arrays\.bin has 5 bytes instead of 60/],
    ['empty', (folder) => truncate(join(folder, 'state.json'), 0), /state\.json has 0 bytes/],
    ['missing', (folder) => rm(join(folder, 'arrays.bin')), /arrays\.bin is missing/],
    ['without a manifest', (folder) => rm(join(folder, 'manifest.json')), /manifest\.json is missing/],
    [
      'a link',
      async (folder) => {
        await rm(join(folder, 'state.json'))
        await symlink('/dev/zero', join(folder, 'state.json'))
      },
      /state\.json is not a file/,
    ],
    [
      'outside',
      (folder) => edit(join(folder, 'manifest.json'), '"arrays.bin"', '"../arrays.bin"'),
      /manifest\.json is damaged/,
    ],
    [
      'newer',
      (folder) => edit(join(folder, 'manifest.json'), '"version":1', '"version":2'),
      /written by a newer nnlab/,
    ],
  ])('of which a file is %s is refused with its name', async (_what, damage, message) => {
    const store = await committed(state)
    await damage(store.pathOf(place))
    await expect(store.read(place, origin)).rejects.toThrow(message)
  })

  it('is read, replaced and removed without the files that others put into its folder', async () => {
    const store = await committed(state)
    const folder = store.pathOf(place)
    const stray = join(folder, '.DS_Store')
    await writeFile(stray, 'mine')
    expect(await store.read(place, origin)).toEqual(state)
    await store.commit(state, keeping)
    expect(await store.read(place, origin)).toEqual(state)
    expect(await readFile(stray, 'utf8')).toBe('mine')
    await store.clear()
    expect(await readdir(folder)).toEqual(['.DS_Store'])
    expect(await store.list()).toEqual([])
    await store.commit(state, keeping)
    expect(await store.read(place, origin)).toEqual(state)
    expect(await readFile(stray, 'utf8')).toBe('mine')
    expect(await readdir(store.folder)).toEqual(['00003-000002'])
  })

  it('of another run or network is refused before its arrays are read', async () => {
    const store = await committed(state)
    await expect(store.read(place, { ...origin, run: 'that-one' })).rejects.toThrow('belongs to another run')
    await truncate(join(store.pathOf(place), 'arrays.bin'), 0)
    const sizes = new Map([...origin.sizes, ['dense/bias', 2] as const])
    await expect(store.read(place, { ...origin, sizes })).rejects.toThrow('does not fit the network')
  })
})

async function edit(path: string, from: string, to: string): Promise<void> {
  const text = await readFile(path, 'utf8')
  expect(text).toContain(from)
  await writeFile(path, text.replace(from, to))
}

/** Training states at the ends of epochs with such losses. */
function epochs(...losses: number[]): TrainingState[] {
  return losses.map((loss, i) => ({
    ...state,
    epoch: i + 1,
    sums: emptySums(),
    metricValues: { loss },
  }))
}

describe('the checkpoints of a run', () => {
  it('are the last ones and the best', async () => {
    const store = await committed()
    const better: CheckpointKeeping['better'] = (a, b) => (a['loss'] ?? NaN) < (b?.['loss'] ?? Infinity)
    for (const each of epochs(5, 1, 4, 2, 3, 6, 7)) await store.commit(each, { last: 2, best: 2, better })
    expect((await store.list()).map(({ epoch }) => epoch)).toEqual([7, 6, 4, 2])
  })

  it('are the newer ones of the best, and those that were removed count no more', async () => {
    const store = await committed()
    const better: CheckpointKeeping['better'] = (a, b) => (a['loss'] ?? NaN) < (b?.['loss'] ?? Infinity)
    for (const each of epochs(1, 1, 1, 2)) await store.commit(each, { last: 1, best: 2, better })
    expect((await store.list()).map(({ epoch }) => epoch)).toEqual([4, 3, 2])
    expect(store.isAmongBest({ loss: 1.5 }, { last: 1, best: 3, better })).toBe(true)
    expect(store.isAmongBest({ loss: 1.5 }, { last: 1, best: 2, better })).toBe(false)
  })

  it('are removed together, with what the run was writing and removing, but nothing of others', async () => {
    const store = await committed(...epochs(2, 1))
    const names = ['.part-this-one-1', '.part-old-this-one-2', '.part-that-one'].map(
      (end) => `00009-000000${end}`,
    )
    for (const name of names) {
      await mkdir(join(store.folder, name))
      await writeFile(join(store.folder, name, 'state.json'), '{}')
    }
    await store.clear()
    expect(await readdir(store.folder)).toEqual(['00009-000000.part-that-one'])
    await rm(join(store.folder, '00009-000000.part-that-one'), { recursive: true })
    await store.clear()
    expect(await readdir(join(store.folder, '..'))).toEqual([])
  })

  it('are used from the newest one that is intact, and damaged ones named', async () => {
    const store = await committed(...epochs(3, 2, 1))
    await truncate(join(store.pathOf({ epoch: 3, step: 0 }), 'arrays.bin'), 7)
    await rm(join(store.pathOf({ epoch: 2, step: 0 }), 'manifest.json'))
    const told: string[] = []
    const newest = await store.newest(origin, ({ message }) => told.push(message))
    expect(newest?.epoch).toBe(1)
    expect(told).toEqual([
      expect.stringMatching(/00003-000000.arrays\.bin has 7 bytes/),
      expect.stringMatching(/00002-000000.manifest\.json is missing/),
    ])
  })
})
