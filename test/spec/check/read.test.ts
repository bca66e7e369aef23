import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'
import * as z from 'zod'

import { optimizers } from '../../../src/components/optimizers/index.ts'
import { withRules } from '../../../src/rule.ts'
import { outputOf, read, readObject } from '../../../src/spec/check/read.ts'
import { loadDocument } from '../../../src/spec/document/document.ts'
import { specSchema } from '../../../src/spec/schema/spec.ts'
import { runs } from '../../runs.ts'
import { mutated } from '../mutated.ts'

const folder = mkdtempSync(join(tmpdir(), 'nnlab-'))
afterAll(() => rmSync(folder, { recursive: true }))

const messages = (schema: z.ZodType, value: unknown): string[] =>
  read(schema, value).faults.map(({ problem: { path, message } }) => `${path.join('.')}: ${message}`)

describe('a config that is read key by key', () => {
  it('is valid where its schema takes it, and yields what the schema yields', () => {
    const file = join(folder, 'config.yaml')
    const property = fc.property(mutated, (text) => {
      writeFileSync(file, text)
      const { data = {} } = loadDocument(file)
      const config = Object.fromEntries(Object.entries(data).filter(([key]) => !key.startsWith('x-')))
      const schema = specSchema()
      expect(outputOf(schema, readObject(schema, config))).toEqual(schema.safeParse(config).data)
    })
    fc.assert(property, { numRuns: runs(150) })
  })
})

it('more faults than a function takes arguments are all found', () => {
  const choice = z.union([z.string(), z.array(z.boolean())])
  const schema = z.strictObject({ named: z.record(z.string(), choice) })
  const wrong = Array.from({ length: 130_000 }, () => 'x')
  expect(read(schema, { named: { x: wrong } }).faults).toHaveLength(wrong.length)
})

describe('a value of no branch of a union', () => {
  const schema = z.union([z.literal('auto'), z.int().positive(), z.array(z.string())])

  it('is told all that it may be', () => {
    expect(messages(schema, true)).toEqual([': expected auto, an integer >= 1 or a list, got true'])
    expect(messages(z.union([z.boolean(), z.strictObject({})]), 3)).toEqual([
      ': expected true, false or a map, got 3',
    ])
  })

  it('is told of the branch that it was meant for', () => {
    expect(messages(schema, 0)).toEqual([': expected an integer >= 1, got 0'])
    expect(messages(schema, ['a', 1])).toEqual(['1: expected a string, got 1'])
  })
})

describe('a rule across keys', () => {
  const schema = withRules(
    z.strictObject({ low: z.number(), high: z.number(), name: z.string().optional() }),
    {
      needs: ['low', 'high'],
      check({ low, high }, report) {
        if (low > high) report(['low'], 'low is above high', { code: 'options' })
      },
    },
  )

  it('is checked where its keys are valid, whatever the others are', () => {
    expect(messages(schema, { low: 2, high: 1 })).toEqual(['low: low is above high'])
    expect(messages(schema, { low: 2, high: 1, name: 7 })).toEqual([
      'name: expected a string, got 7',
      'low: low is above high',
    ])
  })

  it('is not checked where one of its keys is invalid or misspelt', () => {
    expect(messages(schema, { low: 2, high: 'x' })).toEqual(['high: expected a number, got "x"'])
    expect(messages(schema, { low: 2, hihg: 1 })).toEqual(['hihg: unknown key "hihg"'])
  })

  it('names keys of its map', () => {
    expect(() => withRules(z.strictObject({}), { needs: ['low'], check: () => undefined })).toThrow('low')
  })

  it('holds for what every member of a family shares', () => {
    const clipped = { type: 'sgd', clipnorm: 1, clipvalue: 1 }
    expect(messages(optimizers.ref(), clipped)).toEqual([
      'clipvalue: the gradients are already clipped by clipnorm',
    ])
  })
})
