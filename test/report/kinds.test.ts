import { readFile } from 'node:fs/promises'
import { join } from 'node:path'

import { describe, expect, it } from 'vitest'

import { folderOf, nnlab } from '../cli/support.ts'
import { KINDS } from './kinds.ts'

/** What a number or a value that was forgotten looks like. */
const FORGOTTEN = /.{0,40}(\bNaN\b|\bundefined\b|\[object|\bInfinity\b).{0,20}/

describe('a report, and evaluate --explain', { timeout: 120_000 }, () => {
  it.each(Object.entries(KINDS))('of %s show no forgotten value', async (_, { config, files }) => {
    const cwd = await folderOf({ 'nnlab.yaml': config, ...files })
    for (const argv of [['train'], ['report', '-o', 'report.html'], ['evaluate', '--explain']]) {
      const [command = '', ...rest] = argv
      const { code, stdout, stderr } = await nnlab([command, 'nnlab.yaml', ...rest, '--quiet'], { cwd })
      expect(code, stderr).toBe(0)
      expect(FORGOTTEN.exec(stdout)?.[0]).toBeUndefined()
    }
    const page = await readFile(join(cwd, 'report.html'), 'utf8')
    expect(FORGOTTEN.exec(page)?.[0]).toBeUndefined()
    expect(page.length).toBeLessThan(1_000_000)
  })
})
