import { unknownCategory } from './encoding.ts'
import type { Encoding } from './encoding.ts'

export type OrdinalState = { readonly categories: readonly string[]; readonly unseen: 'error' | 'other' }

export function ordinalEncoding({ categories, unseen }: OrdinalState): Encoding {
  const positions = new Map(categories.map((category, position) => [category, position]))
  return {
    width: 1,
    title: `a number for ${categories.length} values`,
    write(string, data, at) {
      const position = positions.get(string) ?? (unseen === 'other' ? categories.length : undefined)
      if (position === undefined) return string === '' ? 'is missing' : unknownCategory(categories)
      data[at] = position
      return undefined
    },
  }
}
