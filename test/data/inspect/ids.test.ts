import { expect, it } from 'vitest'

import { namesRows } from '../../../src/data/inspect/ids.ts'

const isId = (name: string, at: (i: number) => number = (i) => i): boolean => {
  const values = Float64Array.from({ length: 50 }, (_, i) => at(i))
  return namesRows({ name, kind: 'number', values }, 50, 50)
}

it.each([
  'id',
  'customer_id',
  'PassengerId',
  'rowid',
  'ROWID',
  'customerid',
  'orderno',
  'Sample ID',
  'uuid',
  'Order #',
  'N°',
  'EAN',
  'mobile_phone',
])('a column of different whole numbers called %s names its rows', (name) => {
  expect(isId(name)).toBe(true)
  expect(isId(name, (i) => i / 3)).toBe(false)
})

it.each([
  'acid',
  'paid',
  'fluid',
  'grid',
  'humid',
  'casino',
  'volcano',
  'orders',
  'age',
  '# of rooms',
  'T [°]',
])('one called %s does not', (name) => {
  expect(isId(name)).toBe(false)
})
