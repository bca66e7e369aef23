import { expect, it } from 'vitest'

import { Recent } from '../src/recent.ts'

it('keeps the values that were made or asked for last', () => {
  const made: string[] = []
  const recent = new Recent<string>(2)
  for (const key of ['a', 'b', 'a', 'c', 'a', 'b'])
    recent.get(key, () => {
      made.push(key)
      return key
    })
  expect(made).toEqual(['a', 'b', 'c', 'b'])
})
