import { readdirSync } from 'node:fs'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { diagnosticCodes } from '../../src/diagnostic-codes.ts'
import { check, fixtures } from './config.ts'

const folder = fixtures('bad')
const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'))

/** Codes that no file in the folder can have, and the tests that see them. */
const elsewhere = new Set([
  ...['set', 'unreadable', 'too-large'],
  // Of MPI jobs: test/e2e/mpi.test.ts.
  'parts',
  // Of rows, not of configs: test/cli/data.test.ts, test/cli/data-warnings.test.ts.
  ...['constant-column', 'id', 'imbalance', 'label-case', 'leak', 'missing-values'],
  ...['rare-label', 'scale'],
  ...['shared-rows', 'time-order', 'zero-target'],
])

describe('a bad config', () => {
  it.each(files)('is explained: %s', async (name) => {
    const { text, diagnostics } = check(join(folder, name))
    expect(diagnostics.length).toBeGreaterThan(0)
    await expect(text).toMatchFileSnapshot(join(folder, name.replace('.yaml', '.txt')))
  })

  it('has its expected text beside it, and no text is left over', () => {
    const texts = readdirSync(folder).filter((name) => name.endsWith('.txt'))
    expect(texts.sort()).toEqual(files.map((name) => name.replace('.yaml', '.txt')).sort())
  })
})

it('every code has an example, and every example a known code', () => {
  const seen = new Set(files.flatMap((name) => check(join(folder, name)).diagnostics.map(({ code }) => code)))
  expect([...seen, ...elsewhere].sort()).toEqual(Object.keys(diagnosticCodes).sort())
})

it('one mistake is one diagnostic', () => {
  const several = files.filter((name) => check(join(folder, name)).diagnostics.length > 1)
  expect(several.sort()).toEqual([
    'checkpoint-unknown-key.yaml',
    'combined-activation-and-shape.yaml',
    'combined-data-and-own-rules.yaml',
    'combined-data-and-rules.yaml',
    'combined-graph-and-rules.yaml',
    'combined-missing-path-and-rules.yaml',
    'combined-missing-target-and-monitor.yaml',
    'combined-options-and-rules.yaml',
    'combined-same-as-where-and-limit.yaml',
    'combined-shape-and-rules.yaml',
    'combined-split-and-data-rules.yaml',
    'combined-unknown-layer-and-rules.yaml',
    'echo-same-mistake.yaml',
    'echo-unknown-anchor.yaml',
    'labels-of-a-dataset.yaml',
    'layer-defaults.yaml',
    'many-mistakes.yaml',
    'missing-sections.yaml',
    'pytorch-in-features.yaml',
    'values-for-maps.yaml',
    'wide-characters.yaml',
  ])
})
