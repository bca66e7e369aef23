import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

import fc from 'fast-check'

import { fixtures } from '../model/config.ts'

/** All good configs that stand alone. */
const configs = [fixtures('good'), 'configs'].flatMap((folder) =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.yaml') && !name.startsWith('extends'))
    .map((name) => readFileSync(join(folder, name), 'utf8')),
)

/** Pieces that have a meaning in YAML or in a config. */
export const piece = fc.oneof(
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
export const mutated = fc
  .tuple(fc.constantFrom(...configs), fc.array(edit, { minLength: 1, maxLength: 4 }))
  .map(([text, edits]) =>
    edits.reduce((config, { at, remove, insert }) => {
      const start = at % (config.length + 1)
      return config.slice(0, start) + insert + config.slice(start + remove)
    }, text),
  )
