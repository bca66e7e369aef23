import { resolve } from 'node:path'

import { build } from 'esbuild'

/** Bundles child.ts, the process that is killed, for a test; resolves to the arguments of Node that run it. */
export async function buildChild(name: string): Promise<string[]> {
  const child = resolve(`node_modules/.cache/nnlab-crash-${name}.mjs`)
  await build({
    entryPoints: ['test/e2e/crash/child.ts'],
    outfile: child,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    logLevel: 'error',
  })
  return [child, resolve('bin/load.js')]
}
