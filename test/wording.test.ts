import { expect, test } from 'vitest'

import { shortNumber } from '../src/wording.ts'

test.each([
  [0, '0.0000'],
  [0.07123, '0.0712'],
  [0.99994, '0.9999'],
  [0.99997, '1.000'],
  [1, '1.000'],
  [-9.99999, '-10.00'],
  [12.345, '12.35'],
  [99_999.9, '100000'],
  [1.2e-5, '1.20e-5'],
  [2_500_000, '2.50e+6'],
  [NaN, 'NaN'],
])('%s is shown as %s', (value, shown) => {
  expect(shortNumber(value)).toBe(shown)
})
