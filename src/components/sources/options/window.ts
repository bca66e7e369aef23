import * as z from 'zod'

import { ColumnName } from './rows.ts'

export const Window = z
  .strictObject({
    steps: z.int().positive().describe('Rows of a window: the model takes [steps, features]'),
    horizon: z
      .int()
      .min(0)
      .default(1)
      .describe(
        'The number of rows from the last one of the window to the first one of its target; 0 is that row itself',
      ),
    target_steps: z
      .int()
      .positive()
      .default(1)
      .describe(
        'Rows of the target, from `horizon` on: with 24 the output has the next 24 values of each target column, as [24] or [24, columns]',
      ),
    sampling_rate: z
      .int()
      .positive()
      .default(1)
      .describe('Distance of the rows of a window: with 6, every sixth row'),
    sequence_stride: z
      .int()
      .positive()
      .default(1)
      .describe(
        'Distance of the first rows of windows: with `steps`, windows do not overlap. Predictions follow the last window whatever it is',
      ),
    series: ColumnName.optional().describe(
      'A column that identifies the series of each row, where a file has several: a window holds rows of one only',
    ),
  })
  .describe(
    'Rows are a time series in the order of `split.time` where it is given, else in that of the file: each row of the model is a window of it. No window reaches from one split into another',
  )
export type Window = z.infer<typeof Window>
