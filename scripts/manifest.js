// The package.json that is packed has no script for its installation: `prepare` builds a clone, and a package is built. Nor
// does it ask for what the bundles hold: all but zod, which the types name.
//   node scripts/manifest.js pack      before npm pack, see prepack
//   node scripts/manifest.js restore   after it, see postpack
import { copyFileSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'

const [folder, copy] = ['node_modules/.cache', 'node_modules/.cache/package.json']
if (process.argv[2] === 'restore') {
  copyFileSync(copy, 'package.json')
} else {
  mkdirSync(folder, { recursive: true })
  copyFileSync('package.json', copy)
  const manifest = JSON.parse(readFileSync('package.json', 'utf8'))
  delete manifest.scripts.prepare
  delete manifest.devDependencies
  for (const name of Object.keys(manifest.dependencies)) {
    if (name !== 'zod') delete manifest.dependencies[name]
  }
  writeFileSync('package.json', `${JSON.stringify(manifest, null, 2)}\n`)
}
