import * as z from 'zod'

import { arrayKeys } from './arrays.ts'
import { inlineProblems } from './inline-rows.ts'
import type { Value } from './inline-rows.ts'
import { rule } from './rule.ts'

const Value: z.ZodType<Value> = z
  .union([z.number(), z.string(), z.array(z.lazy(() => Value))])
  .meta({ id: 'value' })
const Rows = z.array(Value).min(1)
const NamedRows = z.union([Rows, z.record(z.string(), Rows)])

export const Inline = z
  .strictObject({
    type: z.literal('inline').describe('Rows written in the config itself'),
    inputs: NamedRows.describe(
      'The rows, as in [[0, 0], [0, 1]], or for several inputs a map from name to rows',
    ),
    targets: NamedRows.describe('The target of each row, or for several outputs a map from name to targets'),
    ...arrayKeys,
  })
  .superRefine((spec, context) => {
    for (const problem of inlineProblems(spec.inputs, spec.targets))
      context.addIssue({ code: 'custom', params: rule, ...problem })
  })
export type InlineSpec = z.infer<typeof Inline>
