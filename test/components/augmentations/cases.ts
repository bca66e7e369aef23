import { expect } from 'vitest'
import * as z from 'zod'

import { Builder } from '../../../src/ir/builder.ts'
import type { Program, Value } from '../../../src/ir/ir.ts'
import { augmentations } from '../../../src/components/augmentations/index.ts'
import type { ComponentConfig } from '../../../src/registry.ts'
import { defaultsSchema, readGolden, tensorSchema } from '../../golden/golden.ts'

export const golden = readGolden(
  'augmentations',
  z.object({
    defaults: defaultsSchema,
    images: z.record(z.string(), tensorSchema),
    cases: z.array(
      z.object({
        type: z.string(),
        options: z.record(z.string(), z.unknown()),
        x: z.string(),
        draws: z.record(z.string(), z.array(z.number())),
        y: tensorSchema,
      }),
    ),
  }),
)
type Case = (typeof golden.cases)[number]

export const cases = golden.cases.map(
  (example) => [`${example.type} ${JSON.stringify(example.options)} of ${example.x}`, example] as const,
)

export function configOf(type: string, options: object = {}): ComponentConfig {
  return augmentations.ref().parse({ type, ...options })
}

/** An augmentation of images `x` by draws that are inputs too, with the numbers of all of them. */
export function programOf({ type, options, x, draws }: Case): {
  program: Program
  inputs: Map<string, Float32Array>
} {
  const b = new Builder()
  const images = b.input('x', golden.images[x]?.shape ?? [])
  const config = configOf(type, options)
  const asked: string[] = []
  const uniform = (purpose: string, shape: readonly number[]): Value => {
    asked.push(purpose)
    return b.input(purpose, shape)
  }
  const y = augmentations.of(config).apply({ b, uniform }, images, config)
  expect(asked.sort()).toEqual(Object.keys(draws).sort())
  const inputs = new Map([['x', Float32Array.from(golden.images[x]?.data ?? [])]])
  for (const [purpose, numbers] of Object.entries(draws)) inputs.set(purpose, Float32Array.from(numbers))
  return { program: b.program([['y', y]]), inputs }
}
