import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import { readFile, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'

import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import { findPython, pythonPackages } from '../../bench/peers/available.ts'
import { crc32c } from '../../src/components/callbacks/event-file.ts'
import { folderOf, nnlab } from './support.ts'

const CONFIG = `
seed: 3
data: {type: inline, inputs: [[0, 0], [0, 1], [1, 0], [1, 1], [0, 2]], targets: [0, 1, 1, 0, 1], split: {validation: 0.2}}
model: {layers: [{type: dense, units: 3, activation: tanh, name: hidden}, {type: dense, units: 1, activation: sigmoid}]}
compile: {loss: binary_crossentropy, optimizer: adam, metrics: [accuracy]}
fit: {epochs: 6, callbacks: [{type: tensorboard, histogram_freq: 2}]}
checkpoint: {every: 1 epoch, keep: 6}
`

/** The config of a run that shows gradients and augmented images. */
const IMAGE = Array.from({ length: 4 }, (_, y) => Array.from({ length: 5 }, (_, x) => [(x + y) / 10]))
const PICTURES = `
data:
  type: inline
  inputs: ${JSON.stringify([IMAGE, IMAGE, IMAGE])}
  targets: [0, 1, 1]
  augment: [{type: random_translation, height_factor: 0, width_factor: 0.4, fill_mode: constant}]
model: {input: [4, 5, 1], layers: [flatten, {type: dense, units: 1, activation: sigmoid, name: out}]}
compile: {loss: binary_crossentropy}
fit: {epochs: 2, callbacks: [{type: tensorboard, histogram_freq: 1, histograms: [gradients], images: 2}]}
`

/** What TensorBoard finds in each folder, without TensorFlow, which takes it long to load. */
const READER = `
import json, sys, types
import tensorboard.compat
tensorboard.compat.notf = sys.modules['tensorboard.compat.notf'] = types.ModuleType('notf')
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
def read(folder):
    events = EventAccumulator(folder, size_guidance={'scalars': 0, 'histograms': 0, 'images': 0})
    events.Reload()
    tags = events.Tags()
    return {
        'scalars': {tag: [[one.step, one.value] for one in events.Scalars(tag)] for tag in tags['scalars']},
        'histograms': {tag: [[one.step, one.histogram_value.num, one.histogram_value.min, one.histogram_value.max, sum(one.histogram_value.bucket)]
            for one in events.Histograms(tag)] for tag in tags['histograms']},
        'texts': {tag: events.Tensors(tag)[0].tensor_proto.string_val[0].decode() for tag in tags['tensors'] if tag == 'config'},
        'images': {tag: [[one.step, one.width, one.height, one.encoded_image_string[1:4].decode()] for one in events.Images(tag)] for tag in tags['images']},
    }
print(json.dumps([read(folder) for folder in sys.argv[1:]]))`
const Tags = z.record(z.string(), z.unknown())
const Read = z.array(z.object({ scalars: Tags, histograms: Tags, texts: Tags, images: Tags }))

const fileOf = (run: string, part: string): string =>
  join(run, 'tensorboard', part, 'events.out.tfevents.nnlab')

/** The data of the records of a file, each of whose checksums must be right. */
function recordsOf(bytes: Buffer): Buffer[] {
  const records: Buffer[] = []
  for (let at = 0; at < bytes.length;) {
    const length = Number(bytes.readBigUInt64LE(at))
    const data = bytes.subarray(at + 12, at + 12 + length)
    for (const [checked, where] of [
      [bytes.subarray(at, at + 8), at + 8],
      [data, at + 12 + length],
    ] as const) {
      const moved = (bytes.readUInt32LE(where) - 0xa282ead8) >>> 0
      expect(((moved >>> 17) | (moved << 15)) >>> 0).toBe(crc32c(checked))
    }
    records.push(data)
    at += 16 + length
  }
  return records
}

/** Records without the time in each, which comes first. */
const timeless = (bytes: Buffer): string[] => recordsOf(bytes).map((data) => data.toString('hex', 9))

describe('the checksum of records', () => {
  // RFC 3720, section B.4.
  it.each([
    [Buffer.alloc(32), 0x8a9136aa],
    [Buffer.alloc(32, 0xff), 0x62a8ab43],
    [Buffer.from(Array.from({ length: 32 }, (_, i) => i)), 0x46dd794e],
  ])('is CRC-32C (%#)', (data, checksum) => {
    expect(crc32c(data)).toBe(checksum)
  })
})

describe('the callback tensorboard', () => {
  it('continues its files exactly where training was interrupted', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': CONFIG })
    expect((await nnlab(['train', '--run-dir', 'whole'], { cwd })).code).toBe(0)
    const short = ['train', '--run-dir', 'parts', '--set', 'fit.epochs=5']
    expect((await nnlab(short, { cwd })).code).toBe(0)
    // What the last two epochs logged is to be cut off, and written again.
    for (const epoch of [4, 5])
      await rm(join(cwd, `parts/checkpoints/0000${epoch}-000000`), { recursive: true })
    expect((await nnlab(['train', '--resume', 'parts', '--set', 'fit.epochs=6'], { cwd })).code).toBe(0)
    for (const part of ['train', 'validation']) {
      const whole = timeless(await readFile(fileOf(join(cwd, 'whole'), part)))
      expect(timeless(await readFile(fileOf(join(cwd, 'parts'), part)))).toEqual(whole)
      // The first record, the config, the scalars of each epoch and the histograms of every second one.
      expect(whole.length).toBe(part === 'train' ? 1 + 1 + 6 + 3 : 1 + 6)
    }
  })

  it('starts anew where a run is replaced', async () => {
    const cwd = await folderOf({ 'nnlab.yaml': CONFIG })
    const train = ['train', '--run-dir', 'run']
    expect((await nnlab(train, { cwd })).code).toBe(0)
    const without = [...train, '--update', '--set', 'fit.callbacks=[]']
    expect((await nnlab(without, { cwd })).code).toBe(0)
    expect(existsSync(fileOf(join(cwd, 'run'), 'train'))).toBe(false)
  })

  const python = findPython()
  const isThere = python !== undefined && pythonPackages(python, ['tensorboard']).size > 0
  it.skipIf(!isThere)('is read by TensorBoard', { timeout: 120_000 }, async () => {
    const [numbers, pictures] = [
      await folderOf({ 'nnlab.yaml': CONFIG }),
      await folderOf({ 'nnlab.yaml': PICTURES }),
    ]
    for (const cwd of [numbers, pictures])
      expect((await nnlab(['train', '--run-dir', 'run'], { cwd })).code).toBe(0)
    const folders = [
      join(numbers, 'run/tensorboard/train'),
      join(numbers, 'run/tensorboard/validation'),
      join(pictures, 'run/tensorboard/train'),
    ]
    const { stdout } = await promisify(execFile)(resolve(python ?? ''), ['-c', READER, ...folders])
    const [train, validation, images] = Read.parse(JSON.parse(stdout))
    const history = (await readFile(join(numbers, 'run/history.csv'), 'utf8')).trim().split('\n')
    const [names = [], ...rows] = history.map((line) => line.split(','))
    const scalars = (prefix: string) =>
      Object.fromEntries(
        names.flatMap((name, column) => {
          const metric = name.replace(/^val_/, '')
          if (name === 'epoch' || (prefix === 'val_') !== (metric !== name)) return []
          return [
            [
              `epoch_${metric}`,
              rows.map((row, epoch) => [epoch, expect.closeTo(Number(row[column]), 6) as unknown]),
            ],
          ]
        }),
      )
    const number: unknown = expect.any(Number)
    expect(train).toEqual({
      scalars: scalars(''),
      histograms: expect.objectContaining({
        'hidden/kernel': [0, 2, 4].map((epoch) => [epoch, 6, number, number, 6]),
      }) as unknown,
      texts: { config: CONFIG.replaceAll(/^/gm, '    ') },
      images: {},
    })
    expect(validation).toEqual({ scalars: scalars('val_'), histograms: {}, texts: {}, images: {} })
    expect(Object.values(images?.images ?? {})).toEqual(
      Array(2).fill([0, 1].map((epoch) => [epoch, 5, 4, 'PNG'])),
    )
    expect(images?.histograms).toEqual({
      'out/kernel_gradient': [0, 1].map((epoch) => [epoch, 20, number, number, 20]),
      'out/bias_gradient': [0, 1].map((epoch) => [epoch, 1, number, number, 1]),
    })
  })
})
