// Bundles src/ into dist/nnlab.cjs, one file, and keeps V8's compiled code of it beside it (see bin/load.js).
import { build } from 'esbuild'
import { rmSync, writeFileSync } from 'node:fs'
import { Writable } from 'node:stream'
import { bundle, codeCache, load } from './bin/load.js'

rmSync('dist', { recursive: true, force: true })
await build({
  entryPoints: ['src/cli/main.ts'],
  outfile: bundle,
  bundle: true,
  format: 'cjs',
  platform: 'node',
  target: 'node20',
  minifySyntax: true,
  minifyWhitespace: true,
  external: ['@tensorflow/*'],
  supported: { 'dynamic-import': false },
  define: { 'import.meta.url': 'bundleUrl' },
  // The real one sets up Unicode segmentation at import, a fifth of the start-up time; help texts are ASCII.
  alias: { 'string-width': './src/cli/string-width.cjs', assert: './src/cli/assert.cjs' },
  banner: {
    js: "const module = { exports }, bundleUrl = require('node:url').pathToFileURL(__filename).href;",
  },
  footer: { js: 'Object.assign(exports, module.exports);' },
  logLevel: 'warning',
})

// V8 keeps the functions that have run: those of the commands that must answer at once.
const { script, exports } = load()
const nowhere = new Writable({ write: (_chunk, _encoding, done) => done() })
const io = {
  stdout: nowhere,
  stderr: nowhere,
  stdin: [],
  cwd: process.cwd(),
  env: {},
  onSignal: () => () => {},
}
for (const argv of [
  ['validate', 'configs/digits.yaml'],
  ['summary', 'configs/digits.yaml'],
  ['data', 'configs/iris.yaml'],
  ['--help'],
]) {
  await exports.main(argv, io)
}
writeFileSync(codeCache, script.createCachedData())
