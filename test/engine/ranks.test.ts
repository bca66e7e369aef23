import { describe, expect, it } from 'vitest'

import { nodesOf, placesFor } from '../../src/engine/compiled/sum-tree.ts'
import { openCompiledEngine } from '../../src/engine/compiled/engine.ts'
import { mpiLaunch } from '../../src/engine/mpi/launch.ts'
import type { Ranks } from '../../src/engine/ranks.ts'
import { initialWeights } from '../../src/model/weights.ts'
import { order, rows, train } from './conformance.ts'
import { localRanks } from './local-ranks.ts'
import { rowsFor, taskOf } from './session.cases.ts'

const PARTS = 12
const task = {
  ...taskOf(
    {
      input: [5],
      layers: [
        { type: 'dense', units: 7, activation: 'relu', kernel_regularizer: 'l2' },
        'batch_normalization',
        { type: 'dropout', rate: 0.3 },
        { type: 'dense', units: 3, activation: 'softmax' },
      ],
    },
    { loss: 'sparse_categorical_crossentropy', metrics: ['accuracy'], optimizer: 'adam' },
  ),
  parts: PARTS,
}
const masked = {
  ...taskOf(
    {
      inputs: { words: [5] },
      layers: [
        { type: 'embedding', input_dim: 5, output_dim: 3, mask_zero: true },
        { type: 'gru', units: 4, return_sequences: true },
        { type: 'dense', units: 3, activation: 'softmax' },
      ],
    },
    { loss: 'sparse_categorical_crossentropy', metrics: ['accuracy'], optimizer: 'sgd' },
  ),
  parts: 5,
}

/** The outcome of two steps, one of 8 rows and one of 3, of which a part or more have none. */
async function trained(on: typeof task, ranks?: Ranks) {
  const session = openCompiledEngine({ arithmetic: 'mul_add', threads: 1, ranks }).open(
    on,
    initialWeights(on.graph, on.seed),
  )
  const result = await train(session, rowsFor(on, rows), 0, 2, { order, batchSize: 8 })
  const weights = await session.weights()
  session.dispose()
  return { weights, ...result }
}

describe('ranks', () => {
  it('give the bits of one process, whatever their number', async () => {
    const alone = await trained(task)
    for (const size of [2, 4, 5])
      for (const one of await Promise.all(localRanks(size).map((ranks) => trained(task, ranks))))
        expect(one, `${size} ranks`).toEqual(alone)
  })

  it('average over the steps that masks keep in all of them', async () => {
    const alone = await trained(masked)
    for (const one of await Promise.all(localRanks(3).map((ranks) => trained(masked, ranks))))
      expect(one).toEqual(alone)
  })

  it('stop after the same step, once the first one wants to', async () => {
    const stop = new AbortController()
    const team = localRanks(3)
    const signals = team.map((ranks, i) => ranks.inStep(i === 0 ? stop.signal : new AbortController().signal))
    stop.abort('enough')
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false, false])
    for (const { sums } of await Promise.all(team.map((ranks) => trained(task, ranks))))
      expect(sums.steps).toBe(1)
    expect(signals.map(({ aborted }) => aborted)).toEqual([true, true, true])
    expect(signals[0]?.reason).toBe('enough')
  })

  it('share the text of the first', async () => {
    const texts = await Promise.all(
      localRanks(5).map((ranks) => ranks.share(ranks.rank === 0 ? 'grüße' : '')),
    )
    expect(texts).toEqual(Array.from({ length: 5 }, () => 'grüße'))
  })
})

describe('the tree of sums', () => {
  it('gives every part to one rank, and has a place free for what others send', () => {
    for (let parts = 1; parts <= 20; parts++)
      for (let size = 1; size <= parts; size++) {
        const owner = (part: number) => Math.floor((part * size) / parts)
        const nodes = Array.from({ length: size }, (_, rank) =>
          nodesOf(rank, { first: 0, end: parts }, owner),
        )
        const all = nodes
          .flat()
          .flatMap(({ first, end }) => Array.from({ length: end - first }, (_, i) => first + i))
        expect(all).toEqual(Array.from({ length: parts }, (_, i) => i))
        for (const own of nodes) expect(placesFor(own)).toBeGreaterThan(own.length)
      }
  })
})

describe('the launcher', () => {
  it.each([
    [
      { OMPI_COMM_WORLD_SIZE: '4', OMPI_COMM_WORLD_LOCAL_SIZE: '2' },
      { ranks: 4, local: 2 },
    ],
    [
      { PMI_SIZE: '3', MPI_LOCALNRANKS: '3' },
      { ranks: 3, local: 3 },
    ],
    [
      { PMIX_RANK: '0', SLURM_STEP_NUM_TASKS: '8', SLURM_STEP_TASKS_PER_NODE: '4(x2)' },
      { ranks: 8, local: 4 },
    ],
    [
      { PMI_SIZE: '2', NNLAB_MPI: '/opt/libmpi.so' },
      { ranks: 2, local: 1, libraries: ['/opt/libmpi.so'] },
    ],
  ])('of %o', (env, launch) => {
    expect(mpiLaunch(env)).toMatchObject(launch)
  })

  it('is none for one rank, and for tasks of Slurm without MPI', () => {
    expect(mpiLaunch({ OMPI_COMM_WORLD_SIZE: '1' })).toBeUndefined()
    expect(mpiLaunch({ SLURM_PROCID: '0', SLURM_NTASKS: '4', SLURM_STEP_NUM_TASKS: '4' })).toBeUndefined()
    expect(mpiLaunch({})).toBeUndefined()
  })
})
