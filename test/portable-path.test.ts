import { expect, it } from 'vitest'

import { portablePath } from '../src/portable-path.ts'

it('has slashes in the place of the separators of Windows, and keeps backslashes of other systems', () => {
  expect(portablePath('..\\data\\*.csv', '\\')).toBe('../data/*.csv')
  expect(portablePath('a\\[1\\].csv', '/')).toBe('a\\[1\\].csv')
})
