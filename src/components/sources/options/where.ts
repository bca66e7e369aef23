import * as z from 'zod'

import { partsOfDate } from '../../../runtime/encodings/date.ts'
import { ColumnName } from './rows.ts'

const Value = z.union([z.string(), z.number(), z.boolean()])
const Values = z.union([Value, z.array(Value).min(1)])
export type Listed = z.infer<typeof Values>
const Bound = z.union([
  z.number(),
  z.string().refine((text) => partsOfDate(text) !== undefined, {
    error: 'expected a number or a date such as 2024-05-31',
  }),
])

const RowCondition = z
  .union([
    Value,
    z.array(Value).min(1),
    z.strictObject({
      min: Bound.optional().describe('The smallest number, or the first date, to keep'),
      max: Bound.optional().describe('The largest number, or the last date, to keep'),
      not: Values.optional().describe('A value, or a list of values, to leave out'),
    }),
  ])
  .describe('A value to keep, a list of values, or {min, max, not}')
export type RowCondition = z.infer<typeof RowCondition>

export const Where = z
  .record(ColumnName, RowCondition)
  .describe(
    'Conditions by column, all of which hold in the rows that are used, as in {country: [NO, SE], age: {min: 18}}. A missing value meets none but `not`. A saved model predicts every row that it is given',
  )
export type Where = z.infer<typeof Where>
