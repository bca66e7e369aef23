import { describe, expect, it } from 'vitest'

import { augmentImages } from '../../src/step/augment.ts'
import { Builder } from '../../src/ir/builder.ts'
import { interpret } from '../../src/ir/interpreter/interpreter.ts'
import type { Program } from '../../src/ir/ir.ts'
import type { StepProgram } from '../../src/step/step-program.ts'
import { buildStep } from '../../src/step/step.ts'
import { randomUniform, rowStream, stream } from '../../src/random.ts'
import { configOf } from '../components/augmentations/cases.ts'
import { taskOf } from '../engine/session.cases.ts'
import { Execution, execute } from '../backend/wasm/execute.ts'

const list = [
  configOf('random_flip'),
  configOf('random_translation', { height_factor: 0.2, width_factor: 0.2 }),
  configOf('random_rotation', { factor: 0.1, fill_mode: 'constant' }),
  configOf('random_zoom', { height_factor: 0.3, fill_mode: 'wrap' }),
  configOf('random_brightness', { factor: 0.2, value_range: [0, 1] }),
  configOf('random_erasing', { factor: [1, 1], value_range: [0, 1] }),
]
const IMAGE = [6, 7, 2] as const
const SIZE = 6 * 7 * 2

function programOf(batch: number): Program {
  const b = new Builder()
  const moment = { epoch: b.input('epoch', [], 'i32'), rows: b.input('rows', [batch], 'i32') }
  return b.program([['y', augmentImages(b, b.input('x', [batch, ...IMAGE]), list, moment)]])
}

/** The image of a row of the data. */
const imageOf = (row: number): number[] =>
  Array.from({ length: SIZE }, (_, i) => 0.5 + 0.5 * Math.sin(0.7 * i + 1.3 * row))

function inputsOf(rows: readonly number[], epoch: number) {
  return new Map<string, Float32Array | Int32Array>([
    ['x', Float32Array.from(rows.flatMap(imageOf))],
    ['rows', Int32Array.from(rows)],
    ['epoch', Int32Array.of(epoch)],
  ])
}

const rows = [5, 0, 70_000, 2, 3, 9, 4_000_000_000, 1, 8]

describe('a row', () => {
  const whole = [...(execute(programOf(rows.length), inputsOf(rows, 3)).get('y') ?? [])]
  const found = (row: number) => whole.slice(rows.indexOf(row) * SIZE, (rows.indexOf(row) + 1) * SIZE)

  it.each([1, 2, 5])('is augmented to the same bits in batches of %i, wherever it stands', (batch) => {
    const program = programOf(batch)
    const others = rows.toReversed()
    for (let start = 0; start + batch <= others.length; start += batch) {
      const part = others.slice(start, start + batch)
      const y = [...(execute(program, inputsOf(part, 3)).get('y') ?? [])]
      for (const [i, row] of part.entries()) expect(y.slice(i * SIZE, (i + 1) * SIZE)).toEqual(found(row))
    }
  })

  it.each([2, 3, 4])('is augmented to the same bits by %i threads', async (threads) => {
    const execution = new Execution(programOf(rows.length), { threads, tiny: 0 })
    for (const [name, numbers] of inputsOf(rows, 3)) execution.write(name, numbers)
    await execution.runOnThreads(threads, 1)
    expect([...execution.read('y')]).toEqual(whole)
  })

  it('is augmented anew in another epoch, and otherwise than other rows', () => {
    const again = execute(programOf(rows.length), inputsOf(rows, 4)).get('y') ?? []
    expect([...again].slice(0, SIZE)).not.toEqual(found(5))
    const same = inputsOf(rows, 3)
    same.set('x', Float32Array.from(rows.flatMap(() => imageOf(5))))
    const y = [...(execute(programOf(rows.length), same).get('y') ?? [])]
    const images = rows.map((_, i) => y.slice(i * SIZE, (i + 1) * SIZE).join())
    expect(new Set(images).size).toBe(rows.length)
    expect(images[0]).toBe(found(5).join())
  })

  it('is augmented as the interpreter has it', () => {
    const y = interpret(programOf(rows.length), inputsOf(rows, 3)).get('y') ?? []
    const wrong = whole.filter((pixel, i) => !(Math.abs(pixel - (y[i] ?? NaN)) < 1e-4))
    expect(wrong).toEqual([])
  })
})

describe('the random numbers of rows', () => {
  it('are those of the part of the stream that belongs to each', () => {
    const source = stream(7, 'angle/augment/0')
    const parts = [3, 9].flatMap((row) => [...randomUniform(rowStream(source, row), 2, 5)])
    expect([...randomUniform(source, 2, 10, [3, 9])]).toEqual(parts)
    expect(rowStream(source, 0)).toEqual(source)
  })
})

const classifier = taskOf(
  {
    inputs: { image: [6, 7, 2], meta: [3] },
    layers: [
      { type: 'flatten', from: 'image' },
      { type: 'concatenate', from: ['flatten', 'meta'] },
      { type: 'dense', units: 3, activation: 'softmax' },
    ],
  },
  { loss: 'sparse_categorical_crossentropy', optimizer: 'sgd', metrics: ['accuracy'] },
)

describe('a step', () => {
  const stepFor = (mode: 'train' | 'evaluate' | 'predict'): StepProgram =>
    buildStep({ ...classifier, augment: list }, 2, mode)

  it('augments in training only', () => {
    const { program, rows = '', epoch = '' } = stepFor('train')
    expect([...program.inputs.keys()]).toEqual(expect.arrayContaining([rows, epoch]))
    expect(stepFor('evaluate')).not.toHaveProperty('rows')
    expect(stepFor('predict')).not.toHaveProperty('rows')
    expect(buildStep(classifier, 2, 'train')).not.toHaveProperty('rows')
  })
})
