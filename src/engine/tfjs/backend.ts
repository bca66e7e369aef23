// Loads TensorFlow.js on one of its backends. tfjs keeps its engine, backends and kernels in globals, and ops act on
// whatever backend is current, so the process has one backend at a time: the one loaded last.
import { existsSync, readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve, sep } from 'node:path'
import { errorCode, UsageError } from '../../errors.ts'
import type { Hint } from '../../errors.ts'
import { tfjsVersion } from '../../version.ts'
import { backendNames } from './backend-names.ts'
import type { BackendName } from './backend-names.ts'

const tfjsNode = '@tensorflow/tfjs-node'

export type Tf = typeof import('@tensorflow/tfjs-core')
export type Tensor = import('@tensorflow/tfjs-core').Tensor

export type BackendOptions = {
  backend?: BackendName | undefined
  /** A folder that is, or whose node_modules holds, a @tensorflow/tfjs-node built elsewhere (`NNLAB_TFJS_NODE`). */
  tfjsNodeFolder?: string | undefined
}

export type LoadedBackend = { tf: Tf; name: BackendName; version: string; reason: string }

export type ProbedBackend = {
  name: BackendName
  available: boolean
  chosen: boolean
  version?: string
  detail: string
}

const titles = {
  tensorflow: 'native TensorFlow, the fastest',
  wasm: 'WebAssembly, one core with SIMD',
  cpu: 'plain JavaScript, the slowest',
} as const satisfies Record<BackendName, string>

/** Loads the backend asked for, or else the fastest one that works here; `reason` tells the two apart. */
export async function loadBackend(options: BackendOptions = {}): Promise<LoadedBackend> {
  if (options.backend !== undefined) {
    return { ...(await load(options.backend, options)), reason: 'asked for' }
  }
  const unavailable: string[] = []
  for (const name of backendNames) {
    try {
      const loaded = await load(name, options)
      return { ...loaded, reason: [`${titles[name]} that works here`, ...unavailable].join('; ') }
    } catch (error) {
      // A folder that was named is a wish, not a guess: a wrong one must not be passed over in silence.
      if (!(error instanceof UsageError) || (name === 'tensorflow' && options.tfjsNodeFolder)) throw error
      unavailable.push(error.message)
    }
  }
  throw new UsageError(`no TensorFlow.js backend works here: ${unavailable.join('; ')}`, { hint: hints.wasm })
}

/** Loads every backend in turn to learn which of them work here, and which one `loadBackend` would choose. */
export async function probeBackends(options: BackendOptions = {}): Promise<ProbedBackend[]> {
  const probed: ProbedBackend[] = []
  for (const name of backendNames) {
    try {
      const { version } = await load(name, options)
      probed.push({ name, available: true, chosen: false, version, detail: titles[name] })
    } catch (error) {
      if (!(error instanceof UsageError)) throw error
      probed.push({ name, available: false, chosen: false, detail: error.message })
    }
  }
  const chosen = probed.find(({ name, available }) =>
    options.backend === undefined ? available : name === options.backend && available,
  )
  if (chosen) chosen.chosen = true
  return probed
}

async function load(name: BackendName, options: BackendOptions): Promise<Omit<LoadedBackend, 'reason'>> {
  if (name === 'tensorflow') return loadTensorflow(options.tfjsNodeFolder)
  try {
    return await (name === 'wasm' ? loadWasm() : loadCpu())
  } catch (cause) {
    if (!NOT_FOUND.has(errorCode(cause) ?? '')) throw cause
    throw unavailable(name, `@tensorflow/tfjs-backend-${name} is not installed`, cause)
  }
}

/** Codes of the errors of `require` and `import` for a package that is not there. */
const NOT_FOUND: ReadonlySet<string> = new Set(['MODULE_NOT_FOUND', 'ERR_MODULE_NOT_FOUND'])

async function loadCpu() {
  const tf = await importCore()
  const { version_cpu: version } = await import('@tensorflow/tfjs-backend-cpu')
  await start(tf, 'cpu')
  return { tf, name: 'cpu' as const, version }
}

async function loadWasm() {
  const tf = await importCore()
  const { setWasmPaths, version_wasm: version } = await import('@tensorflow/tfjs-backend-wasm')
  // The .wasm files lie beside the package's main file; without this it would look in the current folder.
  const main = createRequire(import.meta.url).resolve('@tensorflow/tfjs-backend-wasm')
  setWasmPaths(dirname(main) + sep)
  await start(tf, 'wasm')
  return { tf, name: 'wasm' as const, version }
}

async function importCore(): Promise<Tf> {
  const tf = await import('@tensorflow/tfjs-core')
  tf.enableProdMode() // Its only effect is silence: no greeting, no warnings on stderr.
  // The core's Node build has no gradients of its kernels; tfjs-layers is what registers them.
  await import('@tensorflow/tfjs-layers')
  return tf
}

async function start(tf: Tf, name: BackendName): Promise<void> {
  if (!(await tf.setBackend(name))) throw unavailable(name, 'it does not start on this machine')
}

async function loadTensorflow(folder: string | undefined) {
  const { file, version } = findTfjsNode(folder)
  const fromTfjsNode = createRequire(file)
  const fromTfjs = createRequire(fromTfjsNode.resolve('@tensorflow/tfjs'))
  replaceRemovedUtilFunctions()
  // A tfjs-node built elsewhere brings its own tfjs-core: the ops it was built with are the ones to use.
  const tf = fromTfjs('@tensorflow/tfjs-core') as Tf
  tf.enableProdMode()
  try {
    fromTfjsNode(dirname(file))
  } catch (cause) {
    const why = cause instanceof Error ? cause.message.split('\n', 1)[0] : String(cause)
    throw unavailable('tensorflow', `${dirname(file)} does not load: ${why}`, cause)
  }
  await start(tf, 'tensorflow')
  return { tf, name: 'tensorflow' as const, version }
}

/** The package.json of @tensorflow/tfjs-node: the one named, or the one installed. */
function findTfjsNode(folder: string | undefined): { file: string; version: string } {
  const modules = createRequire(import.meta.url).resolve.paths('@tensorflow/tfjs-node') ?? []
  const folders = folder === undefined ? modules : [resolve(folder), resolve(folder, 'node_modules')]
  for (const file of folders.flatMap((f) => [join(f, 'package.json'), join(f, tfjsNode, 'package.json')])) {
    if (!existsSync(file)) continue
    const { name, version } = JSON.parse(readFileSync(file, 'utf8')) as { name?: string; version: string }
    if (name === tfjsNode) return { file, version }
  }
  const where = folder === undefined ? 'is not installed' : `is not in ${folder}, which NNLAB_TFJS_NODE names`
  throw unavailable('tensorflow', `${tfjsNode} ${where}`)
}

/**
 * tfjs-node 4.22 calls two functions of node:util that warn on stderr in Node 22 and are gone from Node 23 on
 * (tensorflow/tfjs#8425). It reads them from the CommonJS exports, which can be assigned.
 */
function replaceRemovedUtilFunctions(): void {
  const util = createRequire(import.meta.url)('node:util') as Record<string, unknown>
  util['isNullOrUndefined'] = (value: unknown) => value === null || value === undefined
  util['isArray'] = Array.isArray
}

function unavailable(name: BackendName, why: string, cause?: unknown): UsageError {
  return new UsageError(`the ${name} backend is not available: ${why}`, { hint: hints[name], cause })
}

/** Advice for a backend that is a package of TensorFlow.js. */
function installLine(name: 'cpu' | 'wasm'): string {
  const packages = ['core', 'layers', `backend-${name}`].map(
    (part) => `@tensorflow/tfjs-${part}@${tfjsVersion}`,
  )
  return `install it beside nnlab: npm install ${packages.join(' ')}`
}

const hints = {
  tensorflow: (option) =>
    'run `npm install @tensorflow/tfjs-node` where its download works, or build it with ' +
    `\`node scripts/build-tfjs-node.js\` and let NNLAB_TFJS_NODE name the folder; ${option('backend')} wasm works everywhere`,
  wasm: installLine('wasm'),
  cpu: installLine('cpu'),
} as const satisfies Record<BackendName, Hint>
