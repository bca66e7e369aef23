import { resolve } from 'node:path'

import { build } from 'esbuild'

/** Bundles child.ts, the process that is killed, for a test; resolves to the path of the bundle. */
export async function buildChild(name: string): Promise<string> {
  const child = resolve(`node_modules/.cache/nnlab-crash-${name}.mjs`)
  await build({
    entryPoints: ['test/e2e/crash/child.ts'],
    outfile: child,
    bundle: true,
    format: 'esm',
    platform: 'node',
    target: 'node20',
    external: ['@tensorflow/*'],
    alias: { 'string-width': './src/cli/string-width.cjs' },
    banner: {
      js: "import { createRequire as nnlabRequire } from 'node:module'; const require = nnlabRequire(import.meta.url);",
    },
    logLevel: 'error',
  })
  return child
}
