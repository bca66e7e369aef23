// Writes the type declarations of the package's API into dist/types: core/index.d.ts, runtime/index.d.ts and the files that they lead to.
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

const folder = 'dist/types'
rmSync(folder, { recursive: true, force: true })
execFileSync(process.execPath, ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'], {
  stdio: 'inherit',
})

// The namespace WebAssembly is global only where the DOM's typings are: declarations import it from a module of their own.
const webAssembly = join(folder, 'webassembly.d.ts')
const declared = readFileSync('src/webassembly.d.ts', 'utf8')
writeFileSync(webAssembly, declared.replace('declare namespace', 'export declare namespace'))

const kept = new Set([webAssembly])
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
  const at = relative(dirname(file), join(folder, 'webassembly.js')).replaceAll('\\', '/')
  const imported = /\bWebAssembly\.[A-Z]/.test(text) ? `import type { WebAssembly } from './${at}'\n` : ''
  writeFileSync(file, imported + text.replaceAll(/(['"]\.[^'"]*)\.ts(['"])/g, '$1.js$2'))
}
