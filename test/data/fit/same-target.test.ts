import { describe, expect, it } from 'vitest'
import { fitSameTarget } from '../../../src/data/fit/same-target.ts'
import { preprocessingSchema } from '../../../src/data/fit/preprocessing.ts'
import { decode } from '../../../src/runtime/predictions.ts'
import { folderOf, oneInput, plain, prepare, values } from '../support.ts'

const table = { 'rows.csv': 'x,city,y\n1,Oslo,10\n2,Rome,20\n3,Oslo,60\n' }
const spec = { type: 'csv', path: 'rows.csv', target: { same_as: 'input' } }

describe('an input that is the target', () => {
  it('is compared as the model sees it, and predicted in the units of its columns', async () => {
    const directory = await folderOf(table)
    const section = { ...spec, features: { scale: 'min_max' } }
    const { train, preprocessing } = await prepare(section, {
      directory,
      inputs: oneInput(4),
      outputs: values(4),
    })
    const [target] = train.targets
    expect(plain(target?.data)).toEqual([0, 1, 0, 0, 0.5, 0, 1, 0.2, 1, 1, 0, 1])
    const [output] = preprocessing.outputs
    if (!output || !target) throw new Error('no output')
    expect(output.columns).toEqual(['x', 'city_1', 'city_2', 'y'])
    const predicted = decode(output, Float32Array.from(target.data))
    expect(predicted.kind === 'numbers' && plain(predicted.values)).toEqual([
      1, 1, 0, 10, 2, 0, 1, 20, 3, 1, 0, 60,
    ])
    expect(preprocessingSchema.parse(JSON.parse(JSON.stringify(preprocessing)))).toEqual(preprocessing)
  })

  it('is an image, whose bytes are scaled', async () => {
    const images = Buffer.from([0, 0, 8, 3, 0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0, 51, 102, 255])
    const directory = await folderOf({ images, labels: Buffer.from([0, 0, 8, 1, 0, 0, 0, 2, 1, 0]) })
    const { train, preprocessing } = await prepare(
      {
        type: 'idx',
        images: 'images',
        labels: 'labels',
        target: { same_as: 'input' },
        features: { scale: { divide: 255 } },
      },
      {
        directory,
        inputs: oneInput(1, 2, 1),
        outputs: [
          {
            ...values(1, 2, 1)[0],
            name: 'output',
            shape: [1, 2, 1],
            kind: 'classes',
            probabilities: 'linear',
          },
        ],
      },
    )
    expect(train.inputs[0]?.data).toBeInstanceOf(Uint8Array)
    expect(plain(train.targets[0]?.data)).toEqual([0, 0.2, 0.4, 1])
    const [output] = preprocessing.outputs
    const predicted = output && decode(output, Float32Array.from([0, 0.2, 0.4, 1]))
    expect(predicted?.kind === 'numbers' && plain(predicted.values)).toEqual([0, 51, 102, 255])
  })

  it('is one of several inputs', async () => {
    const directory = await folderOf(table)
    const { train } = await prepare(
      {
        type: 'csv',
        path: 'rows.csv',
        inputs: { a: ['x', 'y'], b: 'city' },
        targets: { first: { same_as: 'a' }, second: 'y' },
      },
      {
        directory,
        inputs: [
          { name: 'a', shape: [2] },
          { name: 'b', shape: [2] },
        ],
        outputs: [
          { name: 'first', shape: [2], kind: 'numbers' },
          { name: 'second', shape: [1], kind: 'numbers' },
        ],
      },
    )
    expect(plain(train.targets[0]?.data)).toEqual([1, 10, 2, 20, 3, 60])
  })

  it('is a window of rows', async () => {
    const directory = await folderOf(table)
    const section = { ...spec, features: { columns: ['x', 'y'] }, window: { steps: 2, horizon: 0 } }
    const { train } = await prepare(section, { directory, inputs: oneInput(2, 2), outputs: values(2, 2) })
    expect(plain(train.targets[0]?.data)).toEqual([1, 10, 2, 20, 2, 20, 3, 60])
  })

  it('has the size of its output', () => {
    const input = { name: 'input', shape: [3], features: [] }
    expect(() => fitSameTarget([input], { name: 'output', shape: [4] }, 'input')).toThrow(
      'the model\'s input "input" has 3 numbers per row (shape [3]), but its output "output" has 4 (shape [4])',
    )
  })
})

it('refuses numbers that are no probabilities, for a loss that compares these', async () => {
  const directory = await folderOf(table)
  const outputs = [{ name: 'output', shape: [2], kind: 'numbers' as const, probabilities: 'linear' as const }]
  const section = { ...spec, features: { columns: ['x', 'y'] } }
  for (const memory of [{}, { memory: '0.01 KB' }])
    await expect(
      prepare({ ...section, ...memory }, { directory, inputs: oneInput(2), outputs }),
    ).rejects.toThrow(
      'rows.csv:2: the output "output" is compared by a loss of probabilities, but its target is 10 there',
    )
})

it('compares images from 0 to 1 as probabilities, and masks of 0 and 1 as classes', async () => {
  const rows = (high: number) => `{"x": 1, "y": [[[0], [${high}]]]}\n{"x": 2, "y": [[[1], [0]]]}\n`
  const directory = await folderOf({ 'soft.jsonl': rows(0.5), 'hard.jsonl': rows(1) })
  const outputs = [
    { name: 'output', shape: [1, 2, 1], kind: 'classes' as const, probabilities: 'linear' as const },
  ]
  const kindOf = async (path: string) =>
    (await prepare({ type: 'jsonl', path, target: 'y' }, { directory, inputs: oneInput(1), outputs })).train
      .targets[0]?.kind
  expect(await kindOf('soft.jsonl')).toBe('numbers')
  expect(await kindOf('hard.jsonl')).toBe('classes')
})
