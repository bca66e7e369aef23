import type { Engine } from './engine.ts'
import type { BackendName } from './tfjs/backend.ts'

export type EngineOptions = {
  readonly engine: 'auto' | 'compiled' | 'tfjs'
  readonly backend?: BackendName | undefined
  /** A folder with a tfjs-node built elsewhere. */
  readonly tfjsNodeFolder?: string | undefined
}

/** Opens the engine that a run is to use. Tensor libraries are loaded here, and not before. */
export async function openEngine({ backend, tfjsNodeFolder }: EngineOptions): Promise<Engine> {
  const { openTfjsEngine } = await import('./tfjs/engine.ts')
  return openTfjsEngine({ backend, tfjsNodeFolder })
}
