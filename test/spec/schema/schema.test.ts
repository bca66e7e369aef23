import { readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

import { Ajv2020 } from 'ajv/dist/2020.js'
import { describe, expect, it } from 'vitest'

import { referencePages } from '../../../src/report/text/reference.ts'
import { configJsonSchema } from '../../../src/spec/schema/json-schema.ts'
import { schemaDocument } from '../../../src/spec/schema/schema-document.ts'
import type { JsonSchema } from '../../../src/spec/schema/json-schema.ts'
import { loadDocument } from '../../../src/spec/document/document.ts'
import { explain } from '../../../src/spec/explain.ts'
import { renderExplanations } from '../../../src/report/text/explanation.ts'
import { render } from '../../../src/report/text/terminal-text.ts'
import { check } from '../../model/config.ts'

const root = new URL('../../../', import.meta.url)
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8')
const schema = configJsonSchema()

describe('what `npm run generate` writes', () => {
  it('the JSON Schema is up to date', () => {
    expect(schemaDocument()).toBe(read('schema/nnlab.schema.json'))
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

describe('the JSON Schema in an editor', () => {
  const ajv = new Ajv2020({ strict: false, allErrors: true, code: { optimize: false } })
  const written: JsonSchema = JSON.parse(schemaDocument())
  const validate = ajv.compile(written)
  const yamlFiles = (folder: string): string[] =>
    readdirSync(new URL(folder, root))
      .filter((name) => name.endsWith('.yaml'))
      .map((name) => fileURLToPath(new URL(`${folder}${name}`, root)))

  it.each(yamlFiles('configs/'))('accepts %s', (file) => {
    const { data } = loadDocument(file, [])
    validate({ ...data })
    expect(validate.errors).toBeNull()
  })

  it.each(yamlFiles('test/fixtures/good/'))('accepts the canonical spec of %s', (file) => {
    validate({ ...check(file).experiment?.spec })
    expect(validate.errors).toBeNull()
  })

  const inline = { type: 'inline', inputs: [[0], [1]], targets: [0, 1] }

  it('accepts a part of a config that inherits the rest', () => {
    const data = { ...inline, split: { test: 0.5 } }
    expect(validate({ extends: 'base.yaml', data, fit: { epochs: 3 } })).toBe(true)
  })

  it.each([
    ['an unknown key', { fit: { epoch: 3 } }],
    ['an unknown layer', { model: { input: [2], layers: ['danse'] } }],
    ['a value out of range', { fit: { epochs: 0 } }],
    ['an unknown option', { compile: { loss: 'huber', optimizer: { type: 'adam', lr: 0.1 } } }],
    ['a split of another source', { data: { ...inline, split: { group: 'x' } } }],
  ])('refuses %s', (_, data) => expect(validate({ extends: 'base.yaml', ...data })).toBe(false))

  it('says the same of a config as one in which nothing is shared', () => {
    const validateWhole = ajv.compile({ ...schema, $id: 'whole.json' })
    for (const file of ['configs/', 'test/fixtures/good/', 'test/fixtures/bad/'].flatMap(yamlFiles)) {
      const { data } = loadDocument(file, [])
      expect({ file, valid: validate({ ...data }) }).toEqual({ file, valid: validateWhole({ ...data }) })
    }
  })

  it('writes what components have in common once', () => {
    const whole = JSON.stringify(schema, null, 1)
    expect(schemaDocument().length).toBeLessThan(whole.length / 2)
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
    expect(render(renderExplanations(found, 80), false, 80)).toMatchSnapshot()
  })

  it('keeps to the width of the terminal, with the names in a column of their own', () => {
    const [layers, dense] = ['layers', 'layers.dense'].map((path) =>
      render(renderExplanations(explain(path).found, 60), false, 60),
    )
    const lines = `${layers}\n${dense}`.split('\n')
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(60)
    expect(dense).toMatch(/^ {2}kernel_initializer {4}\S/m)
    expect(dense).toMatch(/^ {24}\S/m)
  })

  it('hints at the nearest word for an unknown one', () => {
    expect(explain('fit.batch_sise')).toEqual({ found: [], hint: 'did you mean "batch_size"?' })
    expect(explain('densse').hint).toBe('did you mean "dense"?')
  })
})
