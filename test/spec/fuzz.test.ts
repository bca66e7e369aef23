import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'

import type { Diagnostic } from '../../src/diagnostic.ts'
import { check, fixtures } from '../model/config.ts'

const folder = mkdtempSync(join(tmpdir(), 'nnlab-'))
afterAll(() => rmSync(folder, { recursive: true }))
const file = join(folder, 'config.yaml')

const configs = readdirSync(fixtures('good'))
  .filter((name) => name.endsWith('.yaml') && !name.startsWith('extends'))
  .map((name) => readFileSync(join(fixtures('good'), name), 'utf8'))

/** Pieces that have a meaning in YAML or in a config. */
const piece = fc.oneof(
  fc.constantFrom(
    ...'\t\r\n:-[]{}&*!|>%@`#"\',?',
    '\u0000',
    '\ufeff',
    '\u2028',
    '<<: *hidden',
    '&a *a',
    '~',
    '.nan',
  ),
  fc.constantFrom(
    '-1',
    '1e999',
    '0x10',
    'true',
    'from: dense',
    'name: dense',
    'type: dense',
    'dense_1',
    '__proto__: {}',
  ),
  fc.string({ unit: 'binary', maxLength: 6 }),
)

type Edit = { at: number; remove: number; insert: string }
const edit: fc.Arbitrary<Edit> = fc.record({
  at: fc.nat(1_000_000),
  remove: fc.oneof(fc.nat(6), fc.nat(80)),
  insert: fc.oneof(piece, fc.constant('')),
})

/** A good config with a few stretches removed, replaced or put in. */
const mutated = fc
  .tuple(fc.constantFrom(...configs), fc.array(edit, { minLength: 1, maxLength: 4 }))
  .map(([text, edits]) =>
    edits.reduce((config, { at, remove, insert }) => {
      const start = at % (config.length + 1)
      return config.slice(0, start) + insert + config.slice(start + remove)
    }, text),
  )

function expectInside(diagnostic: Diagnostic, sources: ReadonlyMap<string, string>): void {
  const { file, line, column, length, message } = diagnostic
  expect(message).not.toMatch(/undefined|\[object/)
  if (length === 0) return
  const text = sources.get(file)?.split('\n')[line - 1]
  expect(text).toBeDefined()
  expect(column).toBeLessThanOrEqual((text ?? '').length + 1)
  expect(column - 1 + length).toBeLessThanOrEqual((text ?? '').length + 1)
}

describe('a mutated config', () => {
  it('yields diagnostics inside the file, quickly, and nothing else', () => {
    fc.assert(
      fc.property(mutated, (text) => {
        writeFileSync(file, text)
        const start = performance.now()
        const { diagnostics, document, experiment } = check(file)
        expect(performance.now() - start).toBeLessThan(1000)
        for (const diagnostic of diagnostics) expectInside(diagnostic, document.sources)
        expect(experiment !== undefined).toBe(diagnostics.every(({ severity }) => severity === 'warning'))
      }),
      { numRuns: 600 },
    )
  })

  it('is as safe through --set', () => {
    const path = fc.constantFrom(
      'fit.epochs',
      'model.layers[0]',
      'compile',
      'data.inputs',
      'a.b.c',
      '__proto__.x',
      'x',
    )
    fc.assert(
      fc.property(path, fc.oneof(piece, fc.string()), (key, value) => {
        const { diagnostics, document } = check(join(fixtures('good'), 'functional.yaml'), [
          `${key}=${value}`,
        ])
        for (const diagnostic of diagnostics) expectInside(diagnostic, document.sources)
      }),
      { numRuns: 300 },
    )
  })
})

describe('a hostile config', () => {
  it.each([
    ['many layers of one type', `model:\n  input: [3]\n  layers:\n${'    - flatten\n'.repeat(50_000)}`],
    ['a chain of layers written backwards', chain(5_000)],
    ['many unknown keys', `fit: {${Array.from({ length: 5_000 }, (_, i) => `k${i}: 1`).join(', ')}}`],
    ['many errors of syntax', '"a" b\n'.repeat(20_000)],
    ['many unclosed brackets', '[a, {b: '.repeat(5_000)],
    ['many quotes', `a: ${"'".repeat(100_001)}`],
    ['many anchors', `a: [${Array.from({ length: 20_000 }, (_, i) => `&a${i} 1, *a${i}`).join(', ')}]`],
    ['a long line', `name: ${'x'.repeat(1_000_000)}`],
    ['many spaces', `name:${' '.repeat(1_000_000)}x: y`],
    [
      'many merges',
      `x: &x {${Array.from({ length: 300 }, (_, i) => `k${i}: 1`).join(', ')}}\ny:\n${'  - {<<: *x}\n'.repeat(3_000)}`,
    ],
  ])('is answered quickly: %s', (_, text) => {
    writeFileSync(file, text)
    const start = performance.now()
    expect(check(file).diagnostics.length).toBeGreaterThan(0)
    expect(performance.now() - start).toBeLessThan(4000)
  })
})

function chain(length: number): string {
  const layers = Array.from(
    { length },
    (_, i) => `    - {type: dense, units: 1, name: l${i}, from: l${i + 1}}`,
  )
  return `model:\n  input: [3]\n  layers:\n${layers.join('\n')}\n    - {type: flatten, name: l${length}, from: input}\n`
}
