import * as z from 'zod'

export const Balance = z
  .enum(['none', 'oversample', 'undersample'])
  .describe(
    'Give every class as many training rows as the largest, by repeating rows chosen at random (oversample), or as many as the smallest, by leaving rows out (undersample)',
  )
export type Balance = z.infer<typeof Balance>
