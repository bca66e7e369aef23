import { unknownCategory } from './encoding.ts'
import type { Encoding } from './encoding.ts'

export type OneHotState = {
  readonly categories: readonly string[]
  readonly unseen: 'error' | 'ignore' | 'other'
}

export function oneHotEncoding({ categories, unseen }: OneHotState): Encoding {
  const positions = new Map(categories.map((category, position) => [category, position]))
  return {
    width: categories.length + (unseen === 'other' ? 1 : 0),
    title: `one-hot over ${categories.length} values${unseen === 'other' ? ' and others' : ''}`,
    write(string, data, at) {
      if (string === '') return undefined
      const position = positions.get(string) ?? (unseen === 'other' ? categories.length : undefined)
      if (position === undefined) return unseen === 'error' ? unknownCategory(categories) : undefined
      data[at + position] = 1
      return undefined
    },
  }
}
