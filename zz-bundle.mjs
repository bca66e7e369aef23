import { build } from 'esbuild'
import { globSync } from 'tinyglobby'
import { readFileSync } from 'node:fs'
import { pathToFileURL } from 'node:url'
import { resolve } from 'node:path'
const files = globSync(process.argv.slice(2)).sort()
await build({
  stdin: { contents: `import { file, endFile } from './node_modules/.prof/shim.mjs'; export * from './node_modules/.prof/shim.mjs'; import './test/setup.ts';\nexport async function load() {\n${files.map((f) => `file(${JSON.stringify(f)}); try { await import('./${f}') } catch (e) { console.error(${JSON.stringify(f)}, e) } endFile()`).join('\n')}\n}`, resolveDir: '.', loader: 'js' },
  outfile: 'node_modules/.prof/bundle.mjs', bundle: true, format: 'esm', platform: 'node', packages: 'external', logLevel: 'error', ignoreAnnotations: true, sourcemap: false,
  plugins: [{ name: 'p', setup(b) {
    b.onResolve({ filter: /^vitest$/ }, () => ({ path: resolve('node_modules/.prof/shim.mjs') }))
    b.onLoad({ filter: /(src|test|bench)\/.*\.ts$/ }, ({ path }) => ({ loader: 'ts', contents: readFileSync(path, 'utf8').replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href)) }))
  } }],
})
