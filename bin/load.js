// Loads dist/nnlab.cjs with the machine code that the build kept beside it: to compile the JavaScript anew at every start
// takes longer than most commands. Where the code is of another version of Node, V8 ignores it and compiles.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import vm from 'node:vm'

export const bundle = fileURLToPath(new URL('../dist/nnlab.cjs', import.meta.url))
export const codeCache = `${bundle}.cache`

/** The compiled bundle and what it exports. */
export function load() {
  const source = `(function (exports, require, __filename) {${readFileSync(bundle, 'utf8')}\n})`
  const script = new vm.Script(source, { filename: bundle, cachedData: readCache() })
  const exports = {}
  script.runInThisContext()(exports, createRequire(bundle), bundle)
  return { script, exports }
}

function readCache() {
  try {
    return readFileSync(codeCache)
  } catch {
    return undefined // The build itself loads the bundle before there is one.
  }
}
