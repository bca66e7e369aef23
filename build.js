// Bundles src/ into dist/: one file for what every command needs, one lazily loaded chunk for each heavier part.
// Start-up time is mostly the number of files read, so yargs, yaml and zod are bundled in.
import { build } from 'esbuild'
import { rmSync } from 'node:fs'

rmSync('dist', { recursive: true, force: true })
await build({
  entryPoints: ['src/cli/main.ts'],
  outdir: 'dist',
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  minify: true,
  keepNames: true,
  // The real one sets up Unicode segmentation at import, a fifth of the start-up time; help texts are ASCII.
  alias: { 'string-width': './src/cli/string-width.cjs' },
  sourcemap: true,
  external: ['@tensorflow/*'],
  banner: {
    js: "import { createRequire as nnlabRequire } from 'node:module'; const require = nnlabRequire(import.meta.url);",
  },
  logLevel: 'warning',
})
