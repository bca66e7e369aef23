// Writes what is derived from the schemas: schema/nnlab.schema.json and docs/reference/.
import { build } from 'esbuild'
import { mkdirSync, writeFileSync } from 'node:fs'

const outfile = 'node_modules/.cache/generate.mjs'
await build({
  stdin: {
    contents: `export { configJsonSchema } from './src/spec/schema/json-schema.ts'
      export { referencePages } from './src/report/text/reference.ts'`,
    resolveDir: '.',
  },
  outfile,
  bundle: true,
  format: 'esm',
  platform: 'node',
  logLevel: 'warning',
})
const { configJsonSchema, referencePages } = await import(new URL(`../${outfile}`, import.meta.url).href)

mkdirSync('schema', { recursive: true })
writeFileSync('schema/nnlab.schema.json', `${JSON.stringify(configJsonSchema(), null, 1)}\n`)
mkdirSync('docs/reference', { recursive: true })
for (const [file, text] of referencePages()) writeFileSync(`docs/reference/${file}`, text)
