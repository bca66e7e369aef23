import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { afterAll, describe, expect, it } from 'vitest'

import { callbacks } from '../../src/components/callbacks/index.ts'
import { sources } from '../../src/components/sources/index.ts'
import { check } from './config.ts'

const folder = mkdtempSync(join(tmpdir(), 'nnlab-validation-'))
afterAll(() => rmSync(folder, { recursive: true }))

const TOKENS = { type: 'tokens', output_sequence_length: 1 }
const folderWays = [
  { path: { train: 'folder/train', validation: 'folder/validation' } },
  { split: { validation: 0.1 } },
  { split: { fold: '1/5' } },
]

/** Ways to get validation rows of each source, and what it has without them. */
const SOURCES: Readonly<Record<string, { rest: object; ways: readonly object[] }>> = {
  inline: { rest: { inputs: [[0], [1]], targets: [0, 1] }, ways: [{ split: { validation: 0.5 } }] },
  csv: { rest: { path: 'a.csv', target: 'y' }, ways: pathWays('csv') },
  jsonl: { rest: { path: 'a.jsonl', target: 'y' }, ways: pathWays('jsonl') },
  parquet: { rest: { path: 'a.parquet', target: 'y' }, ways: pathWays('parquet') },
  npz: { rest: { path: 'a.npz', target: 'y' }, ways: [...pathWays('npz'), {}] },
  idx: { rest: { folder: 'mnist' }, ways: [{ split: { validation: 0.1 } }, { split: { fold: '1/5' } }] },
  images: {
    rest: { path: 'images', image_size: [1, 1], color_mode: 'grayscale' },
    ways: folderWays,
  },
  texts: {
    rest: { path: 'texts', features: { transforms: { text: TOKENS } } },
    ways: folderWays,
  },
  dataset: { rest: { name: 'mnist' }, ways: [{ split: { validation: 0.1 } }, { split: { fold: '1/5' } }] },
}

const FOLLOWERS: Readonly<Record<string, object>> = {
  early_stopping: { fit: { callbacks: [{ type: 'early_stopping', monitor: 'val_loss' }] } },
  reduce_lr_on_plateau: { fit: { callbacks: [{ type: 'reduce_lr_on_plateau', monitor: 'val_accuracy' }] } },
  'save: best': { checkpoint: { save: 'best', monitor: 'val_loss' } },
  'the sweep': { sweep: { parameters: { seed: { values: [1, 2] } }, metric: { name: 'val_accuracy' } } },
  'checkpoint.best': { checkpoint: { best: 2, monitor: 'val_loss' } },
}

function pathWays(ending: string): object[] {
  return [
    { path: { train: `a.${ending}`, validation: `b.${ending}` } },
    { path: { train: [`a.${ending}`, `c.${ending}`], validation: [`b.${ending}`] } },
    { path: { train: `a.${ending}`, validation: `b.${ending}` }, split: { test: 0.2 } },
    { split: { validation: 0.2 } },
    { split: { column: 'part' } },
    { split: { fold: '1/5' } },
  ]
}

it('every source and every callback that follows a figure is tried', () => {
  expect(Object.keys(SOURCES).toSorted()).toEqual(sources.map(({ type }) => type).toSorted())
  const following = callbacks.members.filter(({ monitor }) => monitor).map(({ type }) => type)
  expect(Object.keys(FOLLOWERS)).toEqual(expect.arrayContaining(following))
})

describe.each(Object.entries(SOURCES))('rows from %s', (type, { rest, ways }) => {
  const codes = (data: object, follower: object): string[] => {
    const compile = { loss: 'binary_crossentropy', optimizer: 'sgd', metrics: ['accuracy'] }
    const units = ['idx', 'dataset'].includes(type) ? 10 : 1
    const loss = units === 1 ? compile.loss : 'sparse_categorical_crossentropy'
    const layers = ['flatten', { type: 'dense', units, activation: units === 1 ? 'sigmoid' : 'softmax' }]
    const input = ['idx', 'dataset'].includes(type) ? [28, 28] : type === 'images' ? [1, 1, 1] : [1]
    const config = {
      data: { type, ...rest, ...data },
      model: { input, layers: input.length === 1 ? layers.slice(1) : layers },
      compile: { ...compile, loss },
      ...follower,
    }
    const file = join(folder, 'config.yaml')
    writeFileSync(file, JSON.stringify(config))
    return check(file).diagnostics.map(({ code, message }) => `${code}: ${message}`)
  }

  it.each(Object.entries(FOLLOWERS))('for validation are known to %s', (_name, follower) => {
    for (const way of ways) expect(codes(way, follower)).toEqual([])
  })

  it.runIf(type !== 'npz').each(Object.entries(FOLLOWERS))(
    'without any for validation are refused by %s',
    (_name, follower) => {
      expect(codes({}, follower).map((text) => text.split(':')[0])).toEqual(['no-validation'])
    },
  )
})
