import { expect, it } from 'vitest'

import { dayAs } from '../../src/exchange/day-pattern.ts'

it.each([
  ['d.M.yyyy', '2024-05-09', '9.5.2024'],
  ['dd/MM/y', '2024-05-09', '09/05/2024'],
  ['yyyy^M^dd', '1999-12-31', '1999^12^31'],
  ['d.M.yyyy', '2024-05-09T10:00', '2024-05-09T10:00'],
  ['d. MMM yyyy', '2024-05-09', '2024-05-09'],
  ['d.M.yyyy', '', ''],
])('writes a day as %s', (pattern, day, written) => {
  expect(dayAs(pattern, day)).toBe(written)
})
