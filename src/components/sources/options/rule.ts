import * as z from 'zod'

/** Marks the issue of a rule across keys, which says something only where the keys themselves are right. */
export const rule = { rule: true, code: 'rows' }

/** Whether an issue comes from a rule across the keys of a section. */
export function isRule(issue: z.core.$ZodIssue): boolean {
  return issue.code === 'custom' && issue.params?.['rule'] === true
}

/** What a rule across keys reports to. */
export type Context = Pick<z.core.$RefinementCtx, 'addIssue'>

export const ColumnName = z.string().min(1)
