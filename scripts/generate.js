// Writes what is derived from the source: schema/nnlab.schema.json, docs/reference/ and parts of README.md.
import { build } from 'esbuild'
import { spawnSync } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'

const outfile = 'node_modules/.cache/generate.mjs'
await build({
  stdin: {
    contents: `export { schemaDocument } from './src/spec/schema/schema-document.ts'
      export { referencePages } from './src/report/text/reference.ts'
      export { commandTable } from './src/cli/command-table.ts'
      export { commands } from './src/cli/commands/index.ts'
      export { speedTable } from './bench/speed-table.ts'`,
    resolveDir: '.',
  },
  outfile,
  bundle: true,
  format: 'esm',
  platform: 'node',
  packages: 'external',
  logLevel: 'warning',
})
const source = await import(new URL(`../${outfile}`, import.meta.url).href)
const { commands, commandTable, referencePages, schemaDocument, speedTable } = source

mkdirSync('schema', { recursive: true })
writeFileSync('schema/nnlab.schema.json', schemaDocument())
mkdirSync('docs/reference', { recursive: true })
for (const [file, text] of referencePages()) writeFileSync(`docs/reference/${file}`, text)

// The README's tables of the commands and of the speeds, and its example of errors.
const { stderr } = spawnSync(process.execPath, ['../../../bin/nnlab.js', 'validate', 'broken.yaml'], {
  cwd: 'test/fixtures/readme',
  encoding: 'utf8',
})
const readme = readFileSync('README.md', 'utf8')
  .replace(/^\| command .*\n(\|.*\n)+/m, `${commandTable(commands)}\n`)
  .replace(/^\| network .*\n(\|.*\n)+/m, `${speedTable(readFileSync('bench/RESULTS.md', 'utf8'))}\n`)
  .replace(/(\$ nnlab validate broken.yaml\n)[^]*?(?=```)/, (_, line) => line + stderr)
writeFileSync('README.md', readme)
