import { describe, expect, it } from 'vitest'

import { layers } from '../../../src/components/layers/index.ts'
import { unsure } from '../../../src/registry.ts'
import { draftComponent, ifKnown } from '../../../src/spec/check/draft.ts'

const doubtsOf = (layer: unknown): string[] => [...(draftComponent(layers, layer)?.[unsure] ?? [])].sort()

describe('the draft of a component', () => {
  it.each([
    ['is whole where all is valid', { type: 'dense', units: 3 }, []],
    ['doubts an option that is wrong', { type: 'dense', units: -3 }, ['units']],
    ['doubts an option that is missing', { type: 'dense' }, ['units']],
    [
      'doubts the option that a misspelt one resembles',
      { type: 'dense', units: 3, activaton: 'relu' },
      ['activation'],
    ],
    ['trusts an option that is written beside its misspelt twin', { type: 'dense', units: 3, unit: 4 }, []],
    [
      'doubts every option that an unknown one may stand for',
      { type: 'dropout', rate: 0.2, foo: true },
      ['trainable'],
    ],
  ])('%s', (_, layer, doubts) => expect(doubtsOf(layer)).toEqual(doubts))

  it('keeps the valid options and the defaults', () => {
    const draft = draftComponent(layers, { type: 'Dense', units: 3, activaton: 'relu', use_bias: 'no' })
    expect(draft).toMatchObject({ type: 'dense', units: 3, trainable: true })
    expect(draft).not.toHaveProperty('activation')
    expect(draft).not.toHaveProperty('use_bias')
  })

  it('does not exist for an unknown type', () => {
    expect(draftComponent(layers, { type: 'danse', units: 3 })).toBeUndefined()
    expect(draftComponent(layers, 7)).toBeUndefined()
  })
})

describe('what a component says', () => {
  const draft = draftComponent(layers, { type: 'dense', units: 3, kernel_initializer: 'zeroes' }) ?? {
    type: '',
  }

  it('is known where it depends on valid options', () => {
    expect(ifKnown(draft, (config) => layers.of(config).outputShape(config, [[5]]))).toEqual([3])
  })

  it('is unknown where it reads an option in doubt, or all of them', () => {
    expect(ifKnown(draft, ({ kernel_initializer }) => kernel_initializer)).toBeUndefined()
    expect(ifKnown(draft, (config) => Object.keys(config).length)).toBeUndefined()
  })

  it('may fail for other reasons', () => {
    expect(() =>
      ifKnown(draft, () => {
        throw new RangeError('else')
      }),
    ).toThrow(RangeError)
  })
})
