import { expect, it } from 'vitest'
import { stringify } from 'yaml'

import { layers } from '../../src/components/layers/index.ts'
import { buildGraph } from '../../src/model/build.ts'
import type { ComponentConfig } from '../../src/registry.ts'
import { modelSection } from '../../src/spec/schema/model.ts'
import { drawConfig } from '../ir/examples.ts'
import { folderOf, nnlab } from './support.ts'

/** Numbers that are no size that a machine holds: the largest whole one, and the first that is no int32. */
const HUGE = [Number.MAX_SAFE_INTEGER, 2 ** 31]

/** Most bytes that refusing one of them may take. */
const MOST_BYTES = 300e6

type Settings = Readonly<Record<string, unknown>>

const INPUTS: readonly number[][] = [[4], [3, 2], [4, 4, 2], [3, 3, 2, 2]]
const numbersOf = (shape: readonly number[]): unknown =>
  shape.reduceRight<unknown>((inner, length) => new Array<unknown>(length).fill(inner), 1)

function configOf(input: number[], before: readonly ComponentConfig[], section: Settings = {}): Settings {
  const row = numbersOf(input)
  return {
    name: 'huge',
    data: { type: 'inline', inputs: [row, row, row, row], targets: [0, 1, 1, 0] },
    model: { input, layers: [...before, { type: 'flatten' }, { type: 'dense', units: 1 }] },
    compile: { loss: 'mean_squared_error', optimizer: 'sgd' },
    fit: { batch_size: 2 },
    ...section,
  }
}

type Case = [name: string, option: string, config: Settings]

/** Every whole number among the options of layers, on its own or for each axis. */
const ofLayers = layers.members.flatMap((member): Case[] => {
  const required = drawConfig(layers, member, () => 0)
  const input = INPUTS.find((shape) => fits(shape, required))
  if (member.arity !== 'one' || input === undefined) return []
  return Object.entries(member.options()).flatMap(([option, schema]) =>
    HUGE.flatMap((huge): Case[] => {
      const value = [huge, [huge, huge], [huge]].find((one) => schema.safeParse(one).success)
      if (value === undefined || schema.safeParse(1.5).success) return []
      const layer = { ...required, [option]: value }
      return [[`${member.type}.${option}: ${huge}`, option, configOf(input, [layer])]]
    }),
  )
})

function fits(input: number[], layer: ComponentConfig): boolean {
  const model = modelSection().safeParse({ input, layers: [layer] })
  return model.success && buildGraph(model.data).graph !== undefined
}

/** Settings outside of the layers, by the key that a message is to name. */
const ofSections = HUGE.flatMap((huge): Case[] => {
  const compile = { loss: 'mean_squared_error', optimizer: 'sgd' }
  const rate = (schedule: Settings): Settings => ({
    compile: { ...compile, optimizer: { type: 'sgd', learning_rate: schedule } },
  })
  const callback = (options: Settings): Settings => ({
    fit: { callbacks: [{ monitor: 'loss', ...options }] },
  })
  const classes = { loss: 'binary_crossentropy', optimizer: 'sgd' }
  const sections: Record<string, Settings> = {
    seed: { seed: huge },
    batch_size: { fit: { batch_size: huge } },
    parts: { fit: { parts: huge } },
    threads: { fit: { threads: huge } },
    block_size: { fit: { shuffle: { block_size: huge } } },
    keep: { checkpoint: { keep: huge } },
    every: { checkpoint: { every: `${huge} steps` } },
    patience: callback({ type: 'early_stopping', patience: huge }),
    start_from_epoch: callback({ type: 'early_stopping', start_from_epoch: huge }),
    cooldown: callback({ type: 'reduce_lr_on_plateau', cooldown: huge }),
    num_thresholds: {
      model: { layers: ['flatten', { type: 'dense', units: 1, activation: 'sigmoid' }] },
      compile: { ...classes, metrics: [{ type: 'auc', num_thresholds: huge }] },
    },
    k: {
      model: { layers: ['flatten', { type: 'dense', units: 3, activation: 'softmax' }] },
      compile: {
        loss: 'sparse_categorical_crossentropy',
        optimizer: 'sgd',
        metrics: [{ type: 'sparse_top_k_categorical_accuracy', k: huge }],
      },
    },
    buffer_size: { fit: { shuffle: { block_size: 2, buffer_size: huge } } },
    decay_steps: rate({ type: 'cosine_decay', initial_learning_rate: 0.1, decay_steps: huge }),
    warmup_steps: rate({
      type: 'cosine_decay',
      initial_learning_rate: 0.1,
      decay_steps: 2,
      warmup_target: 0.2,
      warmup_steps: huge,
    }),
    first_decay_steps: rate({
      type: 'cosine_decay_restarts',
      initial_learning_rate: 0.1,
      first_decay_steps: huge,
    }),
    boundaries: rate({ type: 'piecewise_constant_decay', boundaries: [huge], values: [0.1, 0.2] }),
  }
  return Object.entries(sections).map(([option, section]) => [
    `${option}: ${huge}`,
    option,
    configOf([4], [], section),
  ])
})

/** Settings of the columns of a file. */
const ofColumns = HUGE.flatMap((huge): Case[] => {
  const data = (keys: Settings): Settings => ({
    ...configOf([1], []),
    data: { type: 'csv', path: 'rows.csv', target: 'y', ...keys },
    model: { layers: ['flatten', { type: 'dense', units: 1 }] },
  })
  const tokens = (options: Settings): Settings =>
    data({ features: { transforms: { w: { type: 'tokens', output_sequence_length: 2, ...options } } } })
  return [
    [`steps: ${huge}`, 'steps', data({ window: { steps: huge }, features: { exclude: ['w'] } })],
    [
      `horizon: ${huge}`,
      'window',
      data({ window: { steps: 1, horizon: huge }, features: { exclude: ['w'] } }),
    ],
    [`output_sequence_length: ${huge}`, 'output_sequence_length', tokens({ output_sequence_length: huge })],
    [`max_tokens: ${huge}`, 'max_tokens', tokens({ max_tokens: huge })],
    ...['sampling_rate', 'sequence_stride'].map((key): [string, string, Settings] => [
      `${key}: ${huge}`,
      'window',
      data({ window: { steps: 2, [key]: huge }, features: { exclude: ['w'] } }),
    ]),
    [`limit: ${huge}`, 'limit', data({ limit: huge })],
    [`split.seed: ${huge}`, 'seed', data({ split: { validation: 0.2, seed: huge } })],
  ]
})

const ROWS = `x,w,y\n${Array.from({ length: 8 }, (_, i) => `${i},a${i},${i % 2}`).join('\n')}\n`

const families = { layers: ofLayers, sections: ofSections, columns: ofColumns }

it.each(Object.entries(families))(
  'a number that no machine holds is refused by its key, or works: %s',
  { timeout: 120_000 },
  async (_, cases) => {
    const before = process.resourceUsage().maxRSS
    for (const [name, option, config] of cases) {
      const cwd = await folderOf({ 'nnlab.yaml': stringify(config), 'rows.csv': ROWS })
      const { code, stderr } = await nnlab(['train', '--quiet'], { cwd })
      expect([0, 3, 4], `${name}: ${stderr}`).toContain(code)
      if (code > 0) expect(stderr, name).toContain(option)
    }
    expect(1024 * (process.resourceUsage().maxRSS - before)).toBeLessThan(MOST_BYTES)
  },
)
