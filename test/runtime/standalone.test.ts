import { build } from 'esbuild'
import { readdirSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

describe('the runtime of a saved model', () => {
  it('is bundled for a browser from its own files, the IR and root files alone', async () => {
    const entryPoints = readdirSync('src/runtime', { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => `src/runtime/${name}`)
    const { metafile } = await build({
      entryPoints,
      bundle: true,
      platform: 'browser',
      format: 'esm',
      outdir: 'out',
      write: false,
      metafile: true,
      logLevel: 'silent',
    })
    const foreign = Object.keys(metafile.inputs).filter((file) => !/^src\/((runtime|ir)\/|[^/]+$)/.test(file))
    expect(foreign).toEqual([])
  })
})
