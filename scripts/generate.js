// Writes what is derived from the source: schema/nnlab.schema.json, docs/reference/ and the README's table of the commands.
import { build } from 'esbuild'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'

const outfile = 'node_modules/.cache/generate.mjs'
await build({
  stdin: {
    contents: `export { schemaDocument } from './src/spec/schema/schema-document.ts'
      export { referencePages } from './src/report/text/reference.ts'
      export { commandTable } from './src/cli/command-table.ts'
      export { commands } from './src/cli/commands/index.ts'`,
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
const { commands, commandTable, referencePages, schemaDocument } = source

mkdirSync('schema', { recursive: true })
writeFileSync('schema/nnlab.schema.json', schemaDocument())
mkdirSync('docs/reference', { recursive: true })
for (const [file, text] of referencePages()) writeFileSync(`docs/reference/${file}`, text)

const readme = readFileSync('README.md', 'utf8')
writeFileSync('README.md', readme.replace(/^\| command .*\n(\|.*\n)+/m, `${commandTable(commands)}\n`))
