// Writes the type declarations of the package's API into dist/types: core/index.d.ts, runtime/index.d.ts and the files that they lead to.
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const folder = 'dist/types'
rmSync(folder, { recursive: true, force: true })
execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], {
  stdio: 'inherit',
})

const kept = new Set()
for (const room of ['core', 'runtime']) keep(join(folder, room, 'index.d.ts'))
for (const name of readdirSync(folder, { recursive: true })) {
  if (name.endsWith('.ts') && !kept.has(join(folder, name))) rmSync(join(folder, name))
}

/** Keeps a file and those that it imports, which are called .js there as Node would load them. */
function keep(file) {
  if (kept.has(file)) return
  kept.add(file)
  const text = readFileSync(file, 'utf8')
  for (const [, name] of text.matchAll(/['"](\.[^'"]*)\.ts['"]/g)) keep(join(dirname(file), `${name}.d.ts`))
  writeFileSync(file, text.replaceAll(/(['"]\.[^'"]*)\.ts(['"])/g, '$1.js$2'))
}
