import * as fc from 'fast-check'
import { expect, it } from 'vitest'

import { placeIn, placesOfSpellings } from '../../src/runtime/encodings/categories.ts'

const plain = fc
  .tuple(fc.constantFrom('', '-'), fc.nat(120), fc.constantFrom('', '.0', '.5', '.50', '.000', '.25'))
  .map((parts) => parts.join(''))
const word = fc.oneof(plain, fc.constantFrom('true', 'True', 'FALSE', 'yes', '007', '1e3', ' 1', ''))

it('the spellings of categories are those that are found among them', () => {
  fc.assert(
    fc.property(fc.uniqueArray(word, { maxLength: 5 }), fc.array(word), (categories, others) => {
      const known = new Map(categories.map((value, place) => [value, place]))
      const spelled = placesOfSpellings(known)
      const placeOf = placeIn(known)
      for (const string of [...categories, ...others, ...[...spelled.keys()].slice(0, 60)])
        expect([string, spelled.get(string)]).toEqual([string, placeOf(string)])
    }),
  )
})
