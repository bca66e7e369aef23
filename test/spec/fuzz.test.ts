import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import fc from 'fast-check'
import { afterAll, describe, expect, it } from 'vitest'

import type { Diagnostic } from '../../src/diagnostic.ts'
import { nnlab } from '../cli/support.ts'
import { check, fixtures } from '../model/config.ts'
import { runs } from '../runs.ts'
import { mutated, piece } from './mutated.ts'

const folder = mkdtempSync(join(tmpdir(), 'nnlab-'))
afterAll(() => rmSync(folder, { recursive: true }))
const file = join(folder, 'config.yaml')

/** Of this process, in ms: what it would take on a machine that does nothing else. */
function cpuTime(): number {
  const { user, system } = process.cpuUsage()
  return (user + system) / 1000
}

function expectInside(diagnostic: Diagnostic, sources: ReadonlyMap<string, string>): void {
  const { file, line, column, length, message } = diagnostic
  expect(message).not.toMatch(/undefined|\[object/)
  if (length === 0) return
  const text = sources.get(file)?.split('\n')[line - 1]
  expect(text).toBeDefined()
  expect(column).toBeLessThanOrEqual((text ?? '').length + 1)
  expect(column - 1 + length).toBeLessThanOrEqual((text ?? '').length + 1)
}

/** How many configs are validated. */
const VALIDATED = runs(150)

describe('a mutated config', () => {
  it(
    'ends validate with 0 or 3, or with 6 for a base that is not there, within 2 s and 500 MB',
    { timeout: 60_000 + 1000 * VALIDATED },
    async () => {
      const before = process.resourceUsage().maxRSS
      const run = fc.asyncProperty(mutated, async (text) => {
        writeFileSync(file, text)
        const start = cpuTime()
        const { code, stderr } = await nnlab(['validate', file])
        expect(cpuTime() - start).toBeLessThan(2000)
        const codes = stderr.startsWith('error: model.from: ') ? [6] : [0, 3]
        expect({ code, stderr }).toEqual({ code: expect.toSatisfy((n: number) => codes.includes(n)), stderr })
      })
      await fc.assert(run, { numRuns: VALIDATED })
      expect(process.resourceUsage().maxRSS - before).toBeLessThan(500_000)
    },
  )

  it('yields diagnostics inside the file, quickly, and nothing else', () => {
    fc.assert(
      fc.property(mutated, (text) => {
        writeFileSync(file, text)
        const start = cpuTime()
        const { diagnostics, document, experiment } = check(file)
        expect(cpuTime() - start).toBeLessThan(1000)
        for (const diagnostic of diagnostics) expectInside(diagnostic, document.sources)
        expect(experiment !== undefined).toBe(diagnostics.every(({ severity }) => severity === 'warning'))
      }),
      { numRuns: VALIDATED },
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
      { numRuns: runs(75) },
    )
  })
})

describe('a hostile config', () => {
  it.each<[what: string, count: number, text: (count: number) => string]>([
    ['layers of one type', 12_000, (n) => `model:\n  input: [3]\n  layers:\n${'    - flatten\n'.repeat(n)}`],
    ['a chain of layers written backwards', 4_000, chain],
    ['unknown keys', 4_000, (n) => `fit: {${listed(n, (i) => `k${i}: 1`)}}`],
    ['errors of syntax', 40_000, (n) => '"a" b\n'.repeat(n)],
    ['unclosed brackets', 25_000, (n) => '[a, {b: '.repeat(n)],
    ['quotes', 250_000, (n) => `a: ${"'".repeat(n + 1)}`],
    ['anchors', 10_000, (n) => `a: [${listed(n, (i) => `&a${i} 1, *a${i}`)}]`],
    ['letters in a line', 250_000, (n) => `name: ${'x'.repeat(n)}`],
    ['spaces', 250_000, (n) => `name:${' '.repeat(n)}x: y`],
    ['merges', 8_000, (n) => `x: &x {${listed(300, (i) => `k${i}: 1`)}}\ny:\n${'  - {<<: *x}\n'.repeat(n)}`],
  ])('is answered, in time that is linear in its size: %s', { timeout: 120_000 }, (_, count, text) => {
    writeFileSync(file, text(count))
    const start = cpuTime()
    expect(check(file).diagnostics.length).toBeGreaterThan(0)
    // Linear work takes at most 1 s at this size; what is quadratic takes half a minute.
    expect(cpuTime() - start).toBeLessThan(8_000)
  })
})

function listed(count: number, item: (i: number) => string): string {
  return Array.from({ length: count }, (_, i) => item(i)).join(', ')
}

function chain(length: number): string {
  const layers = Array.from(
    { length },
    (_, i) => `    - {type: dense, units: 1, name: l${i}, from: l${i + 1}}`,
  )
  return `model:\n  input: [3]\n  layers:\n${layers.join('\n')}\n    - {type: flatten, name: l${length}, from: input}\n`
}
