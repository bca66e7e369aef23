import { describe, expect, it } from 'vitest'

import { layers } from '../../../src/components/layers/index.ts'
import { componentDraft } from '../../../src/spec/check/draft.ts'
import type { ComponentDraft } from '../../../src/spec/check/draft.ts'
import { read } from '../../../src/spec/check/read.ts'

const draftOf = (layer: unknown): ComponentDraft | undefined => componentDraft(read(layers.ref(), layer))

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
  ])('%s', (_, layer, doubts) => expect([...(draftOf(layer)?.doubts ?? [])].sort()).toEqual(doubts))

  it('keeps the valid options and the defaults', () => {
    const draft = draftOf({ type: 'Dense', units: 3, activaton: 'relu', use_bias: 'no' })
    expect(draft?.config).toMatchObject({ type: 'dense', units: 3, trainable: true })
    expect(draft?.config).not.toHaveProperty('activation')
    expect(draft?.config).not.toHaveProperty('use_bias')
  })

  it('does not exist for an unknown type', () => {
    expect(draftOf({ type: 'danse', units: 3 })).toBeUndefined()
    expect(draftOf(7)).toBeUndefined()
  })
})
