import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import type { Arithmetic } from '../../../src/backend/plan/arithmetic.ts'
import { relaxedSimd } from '../../../src/backend/wasm/assembler/features.ts'
import { openCompiledEngine } from '../../../src/engine/compiled/engine.ts'
import { initialWeights } from '../../../src/model/weights.ts'
import { once } from '../../../src/once.ts'
import type { Task } from '../../../src/step/task.ts'
import { train } from '../conformance.ts'
import { rowsFor, taskOf } from '../session.cases.ts'

const classifier = { loss: 'sparse_categorical_crossentropy', metrics: ['accuracy'] }
const softmax = { type: 'dense', units: 10, activation: 'softmax' }

/** Models whose kernels are large enough for several threads to share, with the SHA-256 of their trained weights. */
const MODELS: readonly { name: string; task: Task; sha256: Record<Arithmetic, string> }[] = [
  {
    name: 'dense layers, dropout and Adam',
    task: taskOf(
      {
        input: [100],
        layers: [
          { type: 'dense', units: 130, activation: 'gelu' },
          { type: 'dropout', rate: 0.3 },
          { type: 'dense', units: 65, activation: 'tanh', kernel_regularizer: 'l2' },
          softmax,
        ],
      },
      { ...classifier, optimizer: 'adam' },
    ),
    sha256: {
      mul_add: '5093ad1c4006c48cd60f274af492f9505c4a54a45033324543174d415e9cc727',
      fma: '0535da5d159fd8a868f21bac7d7ee21b02cc12aff45d46770b46b7d93cf6466d',
    },
  },
  {
    name: 'a layer of many weights, whose product is cut into parts',
    task: taskOf(
      { input: [784], layers: [{ type: 'dense', units: 44, activation: 'relu' }, softmax] },
      { ...classifier, optimizer: 'adam' },
    ),
    sha256: {
      mul_add: '0e395acb4f29fb19143d7a98cc1958ae395b19d1433c3e1c56cbdc90ed4844ee',
      fma: '7e1dfdb82f16a90f18bc3fc927435f7188c1de086be1c179da7bed529c4f2f63',
    },
  },
  {
    name: 'convolutions, a pool and batch normalization',
    task: taskOf(
      {
        input: [12, 11, 3],
        layers: [
          { type: 'conv2d', filters: 9, kernel_size: 3, padding: 'same', activation: 'relu' },
          'max_pooling2d',
          { type: 'conv2d', filters: 14, kernel_size: 3 },
          'batch_normalization',
          'relu',
          'flatten',
          softmax,
        ],
      },
      { ...classifier, optimizer: { type: 'sgd', learning_rate: 0.05, momentum: 0.9 } },
    ),
    sha256: {
      mul_add: '48bf0bfeaa4e0b9793adcd15e63f67304b9c8d42bd93002108ef240b5e6f8a43',
      fma: '5b03af9aeac7f6c525d034e5ee40a43ce634520dcea535002dd3100cc7d79b7f',
    },
  },
  {
    name: 'an embedding and a recurrent layer',
    task: taskOf(
      {
        inputs: { words: [5] },
        layers: [
          { type: 'embedding', input_dim: 5, output_dim: 33 },
          { type: 'gru', units: 31, return_sequences: true },
          'global_average_pooling1d',
          softmax,
        ],
      },
      { ...classifier, optimizer: 'rmsprop' },
    ),
    sha256: {
      mul_add: 'fd13b5d38a4355eef9a10b300f2325f0a189af9656328869e95b140c2fe68627',
      fma: 'f0444c660325a7325d7a934ec024cdc237329172372edb6b04e487ac66daad42',
    },
  },
  {
    name: 'two inputs and two outputs',
    task: taskOf(
      {
        inputs: { left: [70], right: [90] },
        layers: [
          { type: 'dense', name: 'l', units: 64, activation: 'sigmoid', from: 'left' },
          { type: 'dense', name: 'r', units: 64, activation: 'elu', from: 'right' },
          { type: 'concatenate', name: 'both', from: ['l', 'r'] },
          { type: 'layer_normalization', name: 'even' },
          { type: 'dense', name: 'number', units: 3, from: 'even' },
          { ...softmax, name: 'kind', from: 'even' },
        ],
        outputs: ['number', 'kind'],
      },
      {
        loss: { number: 'huber', kind: 'sparse_categorical_crossentropy' },
        optimizer: { type: 'adamw', global_clipnorm: 1, use_ema: true },
      },
    ),
    sha256: {
      mul_add: 'f366d5fe455bfe88b7ae3581a9fcfdf549e1480a9f8144f8227d26525fddb8ab',
      fma: 'c06f3447bcb2b2488d11b1cbafbc7e6527a231c4ab9b47464b852ebf6388cd88',
    },
  },
]

const batchSize = 40
/** Five batches, the last one smaller. */
const rows = 4 * batchSize + 13
const order = Uint32Array.from({ length: rows }, (_, i) => (i * 50) % rows)

/** The digest of all that two epochs leave behind, trained in calls of so many steps. */
async function digestOf(task: Task, arithmetic: Arithmetic, threads: number, most: number): Promise<string> {
  const encoded = rowsFor(task, rows)
  const weights = initialWeights(task.graph, task.seed)
  const session = openCompiledEngine({ arithmetic, threads }).open(task, weights)
  const hash = createHash('sha256')
  for (let epoch = 0; epoch < 2; epoch++) {
    for (let first = 0; first < 5; first += most) {
      await train(session, encoded, first, Math.min(most, 5 - first), { order, batchSize })
    }
  }
  const { slots, state } = await session.optimizer()
  for (const numbers of [...(await session.weights()).values(), ...slots.values()]) hash.update(numbers)
  hash.update(Float64Array.from(state.values()))
  for (const numbers of (await session.predict(encoded, rows)).values()) hash.update(numbers)
  session.dispose()
  return hash.digest('hex')
}

describe.each(relaxedSimd() ? (['mul_add', 'fma'] as const) : (['mul_add'] as const))('%s', (arithmetic) => {
  describe.each(MODELS)('$name', ({ task, sha256 }) => {
    const whole = once(() => digestOf(task, arithmetic, 1, 5))

    test('the bits are pinned', async () => {
      expect(await whole()).toBe(sha256[arithmetic])
    })

    test.each([
      [1, 3],
      [2, 5],
      [3, 1],
      [4, 2],
    ])('the bits are the same on %i threads in calls of %i steps', async (threads, most) => {
      expect(await digestOf(task, arithmetic, threads, most)).toBe(await whole())
    })
  })
})
