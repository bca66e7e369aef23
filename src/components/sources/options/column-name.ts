import * as z from 'zod'

export const ColumnName = z.string().min(1)
