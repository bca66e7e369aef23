import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join, resolve } from 'node:path'
import * as z from 'zod'

/** Where `npm run peers` puts its Python environment, from the root of the project. */
const OWN = join('bench', '.peers')

/** The Python of the environment with the peers: the one that NNLAB_PEERS names, else that of `npm run peers`. */
export function findPython(): string | undefined {
  const folder = process.env['NNLAB_PEERS'] ?? OWN
  const python = join(folder, 'bin', 'python')
  return existsSync(python) ? python : undefined
}

/** Versions of those of the Python packages that are installed. */
export function pythonPackages(python: string, names: readonly string[]): ReadonlyMap<string, string> {
  const code = `
import importlib.metadata as m, json, sys
found = {}
for name in sys.argv[1:]:
    try: found[name] = m.version(name)
    except m.PackageNotFoundError: pass
print(json.dumps(found))`
  const { status, stdout } = spawnSync(python, ['-c', code, ...names], { encoding: 'utf8' })
  return new Map(
    Object.entries(z.record(z.string(), z.string()).parse(status === 0 ? JSON.parse(stdout) : {})),
  )
}

/** The folder with a tfjs-node that works: NNLAB_TFJS_NODE, else what scripts/build-tfjs-node.js made. */
export function findTfjsNode(): string | undefined {
  const folder = process.env['NNLAB_TFJS_NODE'] ?? '.tfjs-node'
  const addon = ['node_modules', '@tensorflow', 'tfjs-node', 'lib', 'napi-v8', 'tfjs_binding.node']
  return existsSync(join(folder, ...addon)) ? resolve(folder) : undefined
}
