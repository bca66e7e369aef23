import * as z from 'zod'

/** Marks the issue of a rule across keys, which says something only where the keys themselves are right. */
export const rule = { rule: true, code: 'rows' }

/** What a rule across keys reports to. */
export type Context = Pick<z.core.$RefinementCtx, 'addIssue'>

export const ColumnName = z.string().min(1)
