import type { Task } from '../step/task.ts'
import type { Engine } from '../engine/engine.ts'
import { openEngine } from '../engine/select.ts'
import type { BackendName } from '../engine/tfjs/backend.ts'
import type { FitSpec } from '../spec/schema/fit.ts'
import type { Io } from '../cli/io.ts'

/** The flags that choose what executes a model. */
export type EngineFlags = {
  readonly engine: FitSpec['engine'] | undefined
  readonly backend: BackendName | undefined
}

/** Opens the engine that the flags ask for, else the one of the config. */
export async function openEngineFor(
  { engine, backend, quiet }: EngineFlags & { readonly quiet?: boolean },
  fit: FitSpec,
  task: Task,
  io: Io,
): Promise<Engine> {
  // Native TensorFlow reads it when it is loaded: warnings only.
  io.env['TF_CPP_MIN_LOG_LEVEL'] ??= '2'
  io.env['TF_ENABLE_ONEDNN_OPTS'] ??= '0'
  const options = {
    engine: engine ?? (backend === undefined ? fit.engine : 'tfjs'),
    arithmetic: fit.arithmetic,
    threads: fit.threads,
    backend,
    tfjsNodeFolder: io.env['NNLAB_TFJS_NODE'],
  }
  const chosen = await openEngine(options, task)
  if (chosen.note !== undefined && !quiet) io.stderr.write(`note: ${chosen.note}\n`)
  return chosen.engine
}
