import { describe, expect, it } from 'vitest'

import { optimizers } from '../../src/components/optimizers/index.ts'
import { nodesOf, placesFor } from '../../src/engine/compiled/sum-tree.ts'
import { openCompiledEngine } from '../../src/engine/compiled/engine.ts'
import { mpiLaunch } from '../../src/engine/mpi/launch.ts'
import type { Ranks } from '../../src/engine/ranks.ts'
import type { Task } from '../../src/step/task.ts'
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

/** Layers whose weights are cut within a row, and one as small as can be. */
const dense = (compile: object, layer: object = {}): Task => ({
  ...taskOf(
    {
      input: [5],
      layers: [
        { type: 'dense', units: 37, activation: 'relu', ...layer },
        { type: 'dense', units: 3, activation: 'softmax' },
      ],
    },
    { loss: 'sparse_categorical_crossentropy', metrics: ['accuracy'], ...compile },
  ),
  parts: 4,
})

/** Two steps, one of 8 rows and one of 3, of which a part or more have none, then one with all layers trained. */
async function trained(on: Task, ranks?: Ranks) {
  const session = openCompiledEngine({ arithmetic: 'mul_add', threads: 1 }).open(
    on,
    initialWeights(on.graph, on.seed),
    ranks,
  )
  const encoded = rowsFor(on, rows)
  const result = await train(session, encoded, 0, 2, { order, batchSize: 8 })
  const unfrozen = new Map(Array.from(on.unfreezes ?? [], (name) => [name, 2]))
  const all = { encoded, order, batchSize: 8, epoch: 1, first: 0, count: 1, factor: 1, unfrozen }
  const last = await session.train(all)
  const [weights, optimizer] = [await session.weights(), await session.optimizer()]
  session.dispose()
  return { weights, optimizer, ...result, last }
}

/** Trains on each number of ranks what one process trains alone. */
async function expectAlike(on: Task, ...sizes: readonly number[]): Promise<void> {
  const alone = await trained(on)
  for (const size of sizes)
    for (const one of await Promise.all(localRanks(size).map((ranks) => trained(on, ranks))))
      expect(one, `${size} ranks`).toEqual(alone)
}

describe('ranks', () => {
  it('give the bits of one process, whatever their number', async () => {
    await expectAlike(task, 2, 5)
  })

  it('average over the steps that masks keep in all of them', async () => {
    await expectAlike(masked, 3)
  })

  it.each(optimizers.members)('share out the updates of $type', async ({ type }) => {
    await expectAlike(dense({ optimizer: { type, weight_decay: 0.01, use_ema: true } }), 3)
  })

  it.each([{ clipnorm: 0.01 }, { global_clipnorm: 0.01 }, { clipvalue: 0.001 }])(
    'clip gradients by what belongs together: %o',
    async (clip) => {
      await expectAlike(dense({ optimizer: { type: 'adam', ...clip } }), 3)
    },
  )

  it('constrain weights by what belongs together', async () => {
    await expectAlike(dense({}, { kernel_constraint: { type: 'max_norm', max_value: 0.1 } }), 3)
  })

  it('keep the slots of layers that are trained later', async () => {
    const on = dense({ optimizer: 'adam' }, { trainable: false, name: 'late' })
    await expectAlike({ ...on, unfreezes: new Set(['late']) }, 3)
  })

  it('agree on the fewest steps, and on none once the first one wants to stop', async () => {
    const stop = new AbortController()
    const team = localRanks(3)
    const signals = team.map((ranks, i) =>
      ranks.together(i === 0 ? stop.signal : new AbortController().signal),
    )
    const agreed = () => Promise.all(team.map((ranks, i) => ranks.agreeOn(7 - i)))
    expect(await agreed()).toEqual([5, 5, 5])
    stop.abort('enough')
    expect(signals.map(({ aborted }) => aborted)).toEqual([false, false, false])
    expect(await agreed()).toEqual([0, 0, 0])
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
        for (const own of nodes) expect(placesFor(own)).toBeGreaterThanOrEqual(own.length)
      }
  })
})

describe('the launcher', () => {
  it.each([
    [{ OMPI_COMM_WORLD_SIZE: '4' }, 'libmpi.so.40'],
    [{ PMI_SIZE: '3' }, 'libmpich.so.12'],
    [{ PMIX_RANK: '0', SLURM_STEP_NUM_TASKS: '8' }, 'libmpi.so.40'],
    [{ PMI_SIZE: '2', NNLAB_MPI: '/opt/libmpi.so' }, '/opt/libmpi.so'],
  ])('of %o has the library %s', (env, library) => {
    expect(mpiLaunch(env)?.libraries[0]).toBe(library)
  })

  it('is none for one rank, and for tasks of Slurm without MPI', () => {
    expect(mpiLaunch({ OMPI_COMM_WORLD_SIZE: '1' })).toBeUndefined()
    expect(mpiLaunch({ SLURM_PROCID: '0', SLURM_NTASKS: '4', SLURM_STEP_NUM_TASKS: '4' })).toBeUndefined()
    expect(mpiLaunch({})).toBeUndefined()
  })
})
