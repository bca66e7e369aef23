import * as z from 'zod'

import { sources } from '../../components/sources/index.ts'
import type { Source } from '../../components/sources/source.ts'
import { withRules } from '../../rule.ts'

function schemaOf({ type, summary, options, rules = [] }: Source) {
  return withRules(z.strictObject({ type: z.literal(type).describe(summary), ...options() }), ...rules)
}

const [first, ...others] = sources.map(schemaOf)
if (!first) throw new Error('there are no sources')

/** The data section: the keys that every source has; what else it holds is known to its source. */
export const DataSpec = z.discriminatedUnion('type', [first, ...others]).describe('Where the rows come from')
export type DataSpec = z.infer<typeof DataSpec>
