import * as z from 'zod'

/** Marks the issue of a rule across keys, which says something only where the keys themselves are right. */
export const rule = { rule: true, code: 'rows' }

export const ColumnName = z.string().min(1)
