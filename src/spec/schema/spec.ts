import * as z from 'zod'

import { once } from '../../once.ts'
import { compileSection } from './compile.ts'
import { DataSpec } from './data.ts'
import { checkpointSection, fitSection } from './fit.ts'
import { modelSection } from './model.ts'
import { sweepSection } from './sweep.ts'

// Compiling each schema to a function costs more than it saves on the one config that a command reads.
z.config({ jitless: true })

/** The schema of a whole config file. */
export const specSchema = once(() =>
  z
    .strictObject({
      name: z
        .string()
        .regex(/^[A-Za-z0-9][A-Za-z0-9._-]*$/, 'expected letters, digits, ".", "_" or "-": it names a folder')
        .optional()
        .describe("Names the folder of the runs; default: the file's name without its ending"),
      seed: z
        .int()
        .min(0)
        .default(0)
        .describe('Every random choice derives from it: same seed, same data, same weights'),
      data: DataSpec,
      model: modelSection(),
      compile: compileSection(),
      fit: fitSection().prefault({}),
      checkpoint: checkpointSection().prefault({}),
      sweep: sweepSection().optional(),
    })
    .describe('An experiment: data, model, compile and fit'),
)

/** A validated config with every default filled in; the section `sweep:` is no part of a run. */
export type Spec = Omit<z.output<ReturnType<typeof specSchema>>, 'sweep'> & { name: string }
