import { describe, expect, it } from 'vitest'

import { compare, isMissed } from '../../src/exchange/compare.ts'
import type { ProgramOutput } from '../../src/exchange/program.ts'

const PROGRAM = { program: 'Keras' }

function compared(ours: readonly ProgramOutput[], theirs: readonly ProgramOutput[]) {
  return compare(PROGRAM, { version: '3', outputs: theirs }, ours, 2)
}

function numbers(...values: readonly number[]): Float32Array {
  return Float32Array.from(values)
}

describe('predictions that are compared with those of another program', () => {
  it.each([
    ['are equal', [1, -2], [1, -2], 0, true],
    ['differ by the rounding of large numbers', [1000, 0], [1000.0078125, 0], 0.0078125, true],
    ['differ by more', [1000, 0], [1000.015625, 0], 0.015625, false],
    ['differ near 0 as numbers round there', [0, 0], [0, 2 ** -20], 2 ** -20, true],
    ['differ near 0 by more', [0, 0], [0, 2 ** -19], 2 ** -19, false],
    ['are of another sign', [1, 2], [1, -2], 4, false],
    ['are not finite, alike', [NaN, Infinity], [NaN, Infinity], 0, true],
    ['are not finite where the others are', [1, NaN], [1, 2], Infinity, false],
    ['are finite where the others are not', [1, 2], [1, NaN], Infinity, false],
    ['are off beside one that is infinite', [1, Infinity], [2, Infinity], 1, false],
    ['are infinite in the other direction', [1, Infinity], [1, -Infinity], Infinity, false],
    ['are too few', [1, 2], [1], Infinity, false],
    ['are too many', [1, 2], [1, 2, 3], Infinity, false],
  ])('%s', (_how, ours, theirs, difference, same) => {
    expect(compared([numbers(...ours)], [numbers(...theirs)])).toMatchObject({
      program: 'Keras',
      version: '3',
      rows: 2,
      difference,
      same,
    })
  })

  it('are the same only where all outputs are', () => {
    const [one, two] = [numbers(1, 2), numbers(3, 4)]
    for (const outputs of [
      [one, two],
      [two, one],
    ])
      expect(compared(outputs, outputs)).toMatchObject({ difference: 0, largest: 4, same: true })
    expect(compared([one, two], [one, numbers(3, 5)])).toMatchObject({ difference: 1, same: false })
    expect(compared([one, two], [numbers(1, 3), two])).toMatchObject({ difference: 1, same: false })
    expect(compared([one, two], [one])).toMatchObject({ same: false })
    expect(compared([one], [one, two])).toMatchObject({ same: false })
  })

  it('count the labels of all outputs that differ', () => {
    const labels = [
      ['a', 'b'],
      ['x', 'y'],
    ]
    expect(compared(labels, labels)).toMatchObject({ labels: { count: 4, different: 0 }, same: true })
    const other = [
      ['a', 'c'],
      ['y', 'y'],
    ]
    expect(compared(labels, other)).toMatchObject({ labels: { count: 4, different: 2 }, same: false })
    const number = [numbers(1)]
    expect(compared([...number, ...labels], [numbers(2), ...labels])).toMatchObject({ same: false })
    expect(compared(number, number)).not.toHaveProperty('labels')
  })

  it('are absent or failed where the program gives none', () => {
    for (const answer of [{ absent: 'no Keras' }, { failed: 'OSError' }])
      expect(compare(PROGRAM, answer, [numbers(1)], 1)).toBe(answer)
  })
})

it('a comparison is missed where it failed, where predictions differ, or where it is required and absent', () => {
  const same = compared([numbers(1)], [numbers(1)])
  const other = compared([numbers(1)], [numbers(2)])
  for (const required of [false, true]) {
    expect(isMissed(same, required)).toBe(false)
    expect(isMissed(other, required)).toBe(true)
    expect(isMissed({ failed: 'OSError' }, required)).toBe(true)
    expect(isMissed({ absent: 'no Keras' }, required)).toBe(required)
  }
})
