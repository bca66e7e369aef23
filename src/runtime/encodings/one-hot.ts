import { placeIn } from './categories.ts'
import { positionsOf, unknownCategory } from './encoding.ts'
import type { Categories, Encoding } from './encoding.ts'

export type OneHotState = Categories & { readonly unseen: 'error' | 'ignore' | 'other' }

export function oneHotEncoding(state: OneHotState): Encoding {
  const { categories, unseen } = state
  let made: ReturnType<typeof placesOf> | undefined
  // Many are asked for their width alone.
  const known = (): ReturnType<typeof placesOf> => (made ??= placesOf(state))
  return {
    width: categories.length + (unseen === 'other' ? 1 : 0),
    title: `one-hot over ${categories.length} values${unseen === 'other' ? ' and others' : ''}`,
    write(string, data, at) {
      if (string === '') return undefined
      const position = known().of(string) ?? (unseen === 'other' ? categories.length : undefined)
      if (position === undefined) return unseen === 'error' ? unknownCategory(known().positions) : undefined
      data[at + position] = 1
      return undefined
    },
    isUnseen: (string) => string !== '' && known().of(string) === undefined,
  }
}

/** The positions of categories, and what finds that of a value. */
function placesOf(state: OneHotState) {
  const positions = positionsOf(state)
  return { positions, of: placeIn(positions) }
}
