import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

import { describe, expect, it } from 'vitest'

import { validate } from '../../src/core/validate.ts'
import { parseSpec } from '../../src/spec/load.ts'
import { check, fixtures } from './config.ts'

const folder = fixtures('good')
const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'))

describe('a good config', () => {
  it.each(files)('becomes its canonical spec: %s', async (name) => {
    const { text, experiment } = check(join(folder, name))
    expect(text).toBe('\n')
    const spec = `${JSON.stringify(experiment?.spec, null, 1)}\n`
    await expect(spec).toMatchFileSnapshot(join(folder, name.replace('.yaml', '.json')))
  })

  it.each(files)('is unchanged when its spec is read again: %s', (name) => {
    const { experiment } = check(join(folder, name))
    const spec: Record<string, unknown> = { ...experiment?.spec }
    expect(parseSpec(spec, name).spec).toEqual(experiment?.spec)
  })
})

const examples = fileURLToPath(new URL('../../configs/', import.meta.url))
it.each(readdirSync(examples).filter((name) => name.endsWith('.yaml')))(
  'the example %s is valid',
  async (name) => {
    expect((await validate({ config: join(examples, name) })).diagnostics).toEqual([])
  },
)
