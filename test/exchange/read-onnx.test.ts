import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { describe, expect, it } from 'vitest'
import * as z from 'zod'

import { importedConfig } from '../../src/exchange/imported-config.ts'
import { readImported } from '../../src/exchange/imported-model.ts'
import { expectClose, readGolden, tensorSchema } from '../golden/golden.ts'
import { predictionsOf } from './predictions.ts'

const golden = readGolden(
  'onnx-imports',
  z.object({
    cases: z.array(
      z.object({ file: z.string(), inputs: z.array(tensorSchema), outputs: z.array(tensorSchema) }),
    ),
  }),
)
const FOLDER = fileURLToPath(new URL('../golden/onnx/', import.meta.url))

describe('an ONNX model of another program', () => {
  it.each(golden.cases)(
    'is a config, and predicts the same: $file',
    async ({ file, inputs, outputs }) => {
      const { model, saved } = await readImported(join(FOLDER, file), file)
      expect(importedConfig(model, file, 'model')).toMatchSnapshot()
      const predicted = await predictionsOf(saved, inputs)
      expect(predicted.length).toBe(outputs.length)
      for (const [i, { data }] of outputs.entries()) expectClose(predicted[i] ?? [], data)
    },
  )
})
