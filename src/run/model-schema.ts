import * as z from 'zod'

import { preprocessingSchema } from '../data/fit/preprocessing.ts'

/** A model.json as its checksum and all that the checksum covers. */
export const Sealed = z.looseObject({
  userDefinedMetadata: z.object({ nnlab: z.looseObject({ sha256: z.string(), format: z.int().optional() }) }),
})
/** Keys of a model.json that nnlab reads. */
export const ModelFile = z.object({
  weightsManifest: z.tuple([z.object({ paths: z.tuple([z.string()]) })]),
  userDefinedMetadata: z.object({
    nnlab: z.object({
      spec: z.unknown(),
      preprocessing: preprocessingSchema,
      parameters: z.array(z.string()),
      weights_sha256: z.string(),
    }),
  }),
})
