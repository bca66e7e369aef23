// Bundles src/: the command line into dist/nnlab.cjs, one file with V8's compiled code of it beside it (see bin/load.js);
// what `import ... from 'nnlab'` gives into dist/index.js with the chunks that it loads when needed; and `nnlab/predict`
// into one file for browsers and one for Node; and the parts of the page of `nnlab export --format web`.
import { build } from 'esbuild'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Writable } from 'node:stream'
import { setFlagsFromString } from 'node:v8'
import { bundle, codeCache, load } from './bin/load.js'
import { notices } from './scripts/notices.js'

rmSync('dist', { recursive: true, force: true })
/** Packages of their own: what is loaded by name, and only where it is there. */
const external = ['@tensorflow/*', '@koromix/*']
const shared = {
  bundle: true,
  platform: 'node',
  target: 'node20',
  // Stacks of reported bugs are read with them; the sources themselves are in the repository.
  sourcemap: true,
  sourcesContent: false,
  logLevel: 'warning',
}
await build({
  ...shared,
  entryPoints: { index: 'src/core/index.ts' },
  outdir: 'dist',
  format: 'esm',
  external,
  splitting: true,
  // Packages in CommonJS ask for modules of Node.
  banner: {
    js: "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);",
  },
})
await build({
  ...shared,
  sourcemap: false,
  platform: 'browser',
  target: 'es2022',
  entryPoints: { predict: 'src/runtime/index.ts' },
  outdir: 'dist',
  format: 'esm',
  minify: true,
})
await build({
  ...shared,
  sourcemap: false,
  platform: 'browser',
  target: 'es2022',
  entryPoints: {
    runtime: 'src/runtime/embedded.ts',
    page: 'src/exchange/web/page/page.js',
    style: 'src/exchange/web/page/page.css',
  },
  outdir: 'dist/web',
  format: 'iife',
  globalName: 'nnlabRuntime',
  minify: true,
})
await build({
  ...shared,
  sourcemap: false,
  entryPoints: { 'predict-node': 'src/core/predict-package.ts' },
  outdir: 'dist',
  format: 'esm',
})
const { metafile } = await build({
  ...shared,
  metafile: true,
  entryPoints: ['src/cli/main.ts'],
  outfile: bundle,
  format: 'cjs',
  minifySyntax: true,
  minifyIdentifiers: true,
  minifyWhitespace: true,
  external,
  supported: { 'dynamic-import': false },
  define: { 'import.meta.url': 'bundleUrl' },
  // The real one sets up Unicode segmentation at import, a fifth of the start-up time; help texts are ASCII.
  alias: { 'string-width': './src/cli/string-width.cjs', assert: './src/cli/assert.cjs' },
  banner: {
    js: "(function (exports, require, __filename) {const module = { exports }, bundleUrl = require('node:url').pathToFileURL(__filename).href;",
  },
  footer: { js: 'Object.assign(exports, module.exports);\n})' },
})
writeFileSync('dist/THIRD-PARTY-NOTICES', notices(metafile))
// esbuild leaves the characters in regular expressions as they are, but bin/load.js takes the bundle for ASCII.
const escaped = (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`
writeFileSync(bundle, readFileSync(bundle, 'utf8').replaceAll(/[^\0-\x7f]/g, escaped))

// V8 keeps the functions that have run: those of the commands that must answer at once, and of a training.
const { script, exports } = load()
const folder = mkdtempSync(join(tmpdir(), 'nnlab-build-'))
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
  ['train', 'configs/lab-xor.yaml', '--set', 'fit.epochs=10', '--run-dir', join(folder, 'run')],
]) {
  if ((await exports.main(argv, io)) !== 0) throw new Error(`the build cannot run ${argv.join(' ')}`)
}
rmSync(folder, { recursive: true })
// Node 20 trains with a flag, and V8 ignores code of processes that had other flags at their start.
if (process.version.startsWith('v20.')) setFlagsFromString('--no-experimental-wasm-relaxed-simd')
writeFileSync(codeCache, script.createCachedData())
