import fc from 'fast-check'
import { describe, expect, it } from 'vitest'

import { decode } from '../../src/runtime/predictions.ts'
import type { Predictions } from '../../src/runtime/predictions.ts'
import type { ClassesState } from '../../src/runtime/preprocessing.ts'
import { plain } from '../data/support.ts'

const classesOf = (classes: string[], ...shape: number[]): ClassesState => ({
  kind: 'classes',
  name: 'output',
  shape,
  columns: ['y'],
  form: 'labels',
  classes,
})

function labels(predictions: Predictions): string[] {
  if (predictions.kind !== 'classes') throw new Error('expected classes')
  return Array.from(predictions.indices, (index) => predictions.classes[index] ?? '')
}

function sharesOf(predictions: Predictions): number[] | undefined {
  if (predictions.kind !== 'classes') throw new Error('expected classes')
  return predictions.probabilities && plain(predictions.probabilities)
}

describe('predictions of classes', () => {
  const animals = classesOf(['cat', 'dog', 'fox'], 3)

  it('are the most probable labels', () => {
    const decoded = decode(
      { ...animals, probabilities: 'linear' },
      Float32Array.of(0.2, 0.7, 0.1, 0.1, 0.3, 0.6),
    )
    expect(labels(decoded)).toEqual(['dog', 'fox'])
    expect(sharesOf(decoded)).toEqual([0.2, 0.7, 0.1, 0.1, 0.3, 0.6])
  })

  it('are the first of equal labels, and none where a number is NaN', () => {
    const shares = Float32Array.of(0.4, 0.4, 0.2, 0.2, 0.4, 0.4, 0.1, NaN, 0.9)
    expect(labels(decode({ ...animals, probabilities: 'linear' }, shares))).toEqual(['cat', 'dog', ''])
  })

  it('are of as many classes as there may be', () => {
    const shares = new Float32Array(300_000)
    shares[299_998] = 1
    for (const probabilities of ['linear', 'softmax'] as const)
      expect(labels(decode({ ...classesOf([], 300_000), probabilities }, shares))).toEqual(['299998'])
  })

  it('have probabilities from logits of any size, row by row', () => {
    const decoded = decode(
      { ...animals, probabilities: 'softmax' },
      Float32Array.of(0, Math.log(2), 0, 900, 0, -900),
    )
    expect(sharesOf(decoded)).toEqual([0.25, 0.5, 0.25, 1, 0, 0])
    expect(labels(decoded)).toEqual(['dog', 'cat'])
  })

  it('have no probabilities if the loss compares margins', () => {
    const decoded = decode(animals, Float32Array.of(-3, -1, -2))
    expect(labels(decoded)).toEqual(['dog'])
    expect(sharesOf(decoded)).toBeUndefined()
  })

  it('of one unit are the second class above one half, or above 0 for logits and margins', () => {
    const margins = classesOf(['no', 'yes'], 1)
    const shares = { ...margins, probabilities: 'linear' as const }
    const values = Float32Array.of(0.25, 0.75)
    expect(labels(decode(shares, values))).toEqual(['no', 'yes'])
    expect(sharesOf(decode(shares, values))).toEqual([0.75, 0.25, 0.25, 0.75])
    fc.assert(
      fc.property(fc.float({ min: -20, max: 20, noNaN: true }), (value) => {
        const expected = Math.fround(1 / (1 + Math.exp(-value))) > 0.5 ? 'yes' : 'no'
        expect(labels(decode({ ...margins, probabilities: 'sigmoid' }, Float32Array.of(value)))).toEqual([
          expected,
        ])
        const sign = value > 0 ? 'yes' : 'no'
        expect(labels(decode(margins, Float32Array.of(value)))).toEqual([sign])
      }),
    )
  })

  it('of one unit tell of the positive class, in the order of the classes', () => {
    const margins = { ...classesOf(['fraud', 'ok'], 1), positive: 'fraud' }
    const shares = { ...margins, probabilities: 'linear' as const }
    const values = Float32Array.of(0.25, 0.75, 0.5)
    expect(sharesOf(decode(shares, values))).toEqual([0.25, 0.75, 0.75, 0.25, 0.5, 0.5])
    // One half is no yes, for the metrics either.
    expect(labels(decode(shares, values))).toEqual(['ok', 'fraud', 'ok'])
    expect(labels(decode(margins, Float32Array.of(-0.1, 0.1, 0)))).toEqual(['ok', 'fraud', 'ok'])
  })

  it('are one a step, and numbered where the training rows had fewer classes', () => {
    const steps = classesOf(['a', 'b'], 2, 3)
    const decoded = decode({ ...steps, probabilities: 'linear' }, Float32Array.of(1, 0, 0, 0, 0, 1))
    expect(decoded).toMatchObject({ steps: 2, classes: ['a', 'b', '2'] })
    expect(labels(decoded)).toEqual(['a', '2'])
  })
})

describe('predictions of numbers', () => {
  it('are in the units of each target column', () => {
    const scalings = [
      { subtract: 10, multiply: 0.5 },
      { subtract: -1, multiply: 4 },
    ]
    const state = { kind: 'numbers' as const, name: 'output', shape: [2], columns: ['x', 'y'], scalings }
    const decoded = decode(state, Float32Array.of(0, 0, 1, 4))
    expect(decoded).toEqual({
      kind: 'numbers',
      name: 'output',
      columns: ['x', 'y'],
      values: Float64Array.of(10, -1, 12, 0),
      size: 2,
    })
  })
})
