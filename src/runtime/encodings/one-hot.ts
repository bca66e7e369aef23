import { once } from '../../once.ts'
import { placeIn } from './categories.ts'
import { positionsOf, unknownCategory } from './encoding.ts'
import type { Categories, Encoding } from './encoding.ts'

export type OneHotState = Categories & { readonly unseen: 'error' | 'ignore' | 'other' }

export function oneHotEncoding(state: OneHotState): Encoding {
  const { categories, unseen } = state
  // Many are asked for their width alone.
  const known = once(() => {
    const positions = positionsOf(state)
    return { positions, of: placeIn(positions) }
  })
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
