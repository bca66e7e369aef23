import { placeIn } from './categories.ts'
import { positionsOf, unknownCategory } from './encoding.ts'
import type { Categories, Encoding } from './encoding.ts'

export type OrdinalState = Categories & { readonly unseen: 'error' | 'other' }

export function ordinalEncoding(state: OrdinalState): Encoding {
  const { categories, unseen } = state
  const positions = positionsOf(state)
  const placeOf = placeIn(positions)
  return {
    width: 1,
    title: `a number for ${categories.length} values`,
    write(string, data, at) {
      const position = placeOf(string) ?? (unseen === 'other' ? categories.length : undefined)
      if (position === undefined) return string === '' ? 'is missing' : unknownCategory(positions)
      data[at] = position
      return undefined
    },
    isUnseen: (string) => string !== '' && placeOf(string) === undefined,
  }
}
