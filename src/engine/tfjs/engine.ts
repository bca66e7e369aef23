import type { Task } from '../../step/task.ts'
import type { Weights } from '../../model/weights.ts'
import type { Engine, Session } from '../engine.ts'
import { loadBackend } from './backend.ts'
import type { BackendOptions } from './backend.ts'
import { registerKernelFixes } from './kernels/index.ts'
import { TfjsSession } from './session.ts'

/** The engine that runs a model operation by operation on TensorFlow.js. */
export async function openTfjsEngine(
  options: BackendOptions,
): Promise<Engine & { readonly backend: string }> {
  const { tf, name, version, reason } = await loadBackend(options)
  registerKernelFixes(tf, name)
  return {
    name: 'tfjs',
    backend: name,
    description: `TensorFlow.js ${version} on ${name} (${reason})`,
    arithmetic: name,
    open: (task: Task, weights: Weights): Session => new TfjsSession(tf, task, weights),
  }
}
