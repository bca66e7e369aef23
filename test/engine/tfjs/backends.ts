import { describe } from 'vitest'
import { loadBackend } from '../../../src/engine/tfjs/backend.ts'
import type { Tf } from '../../../src/engine/tfjs/backend.ts'
import type { BackendName } from '../../../src/engine/tfjs/backend-names.ts'
import { tensorflowEnvironment } from '../../../src/engine/tfjs/environment.ts'
import { registerKernelFixes } from '../../../src/engine/tfjs/kernels/index.ts'

/** Where a native tfjs-node lies, if there is one: scripts/build-tfjs-node.js makes it. */
export const tfjsNodeFolder = process.env['NNLAB_TFJS_NODE']

/** The body once for every backend; the native one is shown as skipped where it is absent. */
export function describeBackends(body: (backend: BackendName) => void): void {
  describe.skipIf(!tfjsNodeFolder)('on tensorflow', () => body('tensorflow'))
  describe('on wasm', () => body('wasm'))
  describe('on cpu', () => body('cpu'))
}

/** Loading takes seconds on a busy machine. */
export const loadTimeout = 60_000

export async function loadFixed(backend: BackendName): Promise<Tf> {
  Object.assign(process.env, tensorflowEnvironment)
  const { tf } = await loadBackend({ backend, tfjsNodeFolder })
  registerKernelFixes(tf, backend)
  return tf
}
