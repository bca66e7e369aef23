import * as z from 'zod'

import { withRules } from '../../../rule.ts'
import { arrayKeys } from './arrays.ts'
import { inlineProblems } from './inline-rows.ts'
import type { Value } from './inline-rows.ts'

const Value: z.ZodType<Value> = z
  .union([z.number(), z.string(), z.array(z.lazy(() => Value))])
  .meta({ id: 'value' })
const Rows = z.array(Value).min(1)
const NamedRows = z.union([Rows, z.record(z.string(), Rows)])

export const Inline = withRules(
  z.strictObject({
    type: z.literal('inline').describe('Rows written in the config itself'),
    inputs: NamedRows.describe(
      'The rows, as in [[0, 0], [0, 1]], or for several inputs a map from name to rows',
    ),
    targets: NamedRows.describe('The target of each row, or for several outputs a map from name to targets'),
    ...arrayKeys,
  }),
  {
    needs: ['inputs', 'targets'],
    check({ inputs, targets }, report) {
      for (const { path, message } of inlineProblems(inputs, targets)) report(path, message, { code: 'rows' })
    },
  },
)
export type InlineSpec = z.infer<typeof Inline>
