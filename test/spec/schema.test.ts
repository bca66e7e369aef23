import { readFileSync, readdirSync } from 'node:fs'

import { describe, expect, it } from 'vitest'

import { referencePages } from '../../src/report/reference.ts'
import { configJsonSchema } from '../../src/spec/json-schema.ts'
import type { JsonSchema } from '../../src/spec/json-schema.ts'
import { explain } from '../../src/spec/explain.ts'
import { renderExplanation } from '../../src/report/explanation.ts'

const root = new URL('../../', import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8')
const schema = configJsonSchema()

describe('what `npm run generate` writes', () => {
  it('the JSON Schema is up to date', () => {
    expect(`${JSON.stringify(schema, null, 1)}\n`).toBe(read('schema/nnlab.schema.json'))
  })

  it('the reference pages are up to date', () => {
    const pages = Object.fromEntries(referencePages())
    const written = readdirSync(new URL('docs/reference/', root))
    expect(Object.fromEntries(written.map((file) => [file, read(`docs/reference/${file}`)]))).toEqual(pages)
  })
})

describe('the JSON Schema', () => {
  it('describes every key', () => {
    const silent: string[] = []
    const visit = (path: string, node: JsonSchema): void => {
      for (const [key, value] of Object.entries(node.properties ?? {})) {
        const inside = value.anyOf?.some(({ description }) => description !== undefined)
        if (value.description === undefined && !inside) silent.push(`${path}.${key}`)
        visit(`${path}.${key}`, value)
      }
      for (const part of [
        ...(node.anyOf ?? []),
        ...(node.oneOf ?? []),
        node.items,
        node.additionalProperties,
      ]) {
        if (typeof part === 'object')
          visit(`${path}.${JSON.stringify(part.properties?.['type']?.const)}`, part)
      }
    }
    visit('', schema)
    for (const [name, family] of Object.entries(schema.$defs ?? {})) visit(name, family)
    expect(silent).toEqual([])
  })

  it('allows no unknown key anywhere', () => {
    const open: string[] = []
    const visit = (path: string, node: unknown): void => {
      if (typeof node !== 'object' || node === null) return
      if ('properties' in node && !('const' in node) && !('additionalProperties' in node)) open.push(path)
      for (const [key, value] of Object.entries(node)) visit(`${path}/${key}`, value)
    }
    for (const [name, family] of Object.entries(schema.$defs ?? {})) visit(name, family)
    visit('', schema)
    expect(open.filter((path) => !path.endsWith('/properties'))).toEqual([])
  })
})

describe('explain', () => {
  it.each([
    '',
    'fit.batch_size',
    'batch_size',
    'data.split',
    'layers.dense',
    'dense.units',
    'optimizer adam',
    'loss',
    'huber',
    'EarlyStopping.patience',
  ])('explains "%s"', (path) => {
    const { found } = explain(path)
    expect(found.length).toBeGreaterThan(0)
    expect(found.map((one) => renderExplanation(one, { color: false })).join('\n')).toMatchSnapshot()
  })

  it('hints at the nearest word for an unknown one', () => {
    expect(explain('fit.batch_sise')).toEqual({ found: [], hint: 'did you mean "batch_size"?' })
    expect(explain('densse').hint).toBe('did you mean "dense"?')
  })
})
