// Loads dist/nnlab.cjs with the machine code that the build kept beside it: compiling the JavaScript at every start takes
// longer than most commands. If the code is of another version of Node, V8 ignores it and compiles.
//
// This folder is CommonJS: Node's loader of ES modules takes a tenth of the time that a short command has.
const { readFileSync } = require('node:fs')
const { createRequire } = require('node:module')
const { join } = require('node:path')
const vm = require('node:vm')

const bundle = join(__dirname, '..', 'dist', 'nnlab.cjs')
const codeCache = `${bundle}.cache`

/** The compiled bundle and what it exports. */
function load() {
  // The bundle is ASCII, which needs no decoding, and one function.
  const script = new vm.Script(readFileSync(bundle, 'latin1'), {
    filename: bundle,
    cachedData: readCache(),
  })
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

module.exports = { bundle, codeCache, load }
