import type { FitSpec } from '../spec/fit.ts'
import type { Engine } from './engine.ts'
import type { BackendName } from './tfjs/backend.ts'

export type EngineOptions = Pick<FitSpec, 'engine' | 'arithmetic' | 'threads'> & {
  readonly backend?: BackendName | undefined
  /** A folder with a tfjs-node built elsewhere. */
  readonly tfjsNodeFolder?: string | undefined
}

/** Opens the engine that a run is to use. Tensor libraries are loaded here, and not before. */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const { engine, arithmetic, threads, backend, tfjsNodeFolder } = options
  if (engine === 'tfjs') {
    const { openTfjsEngine } = await import('./tfjs/engine.ts')
    return openTfjsEngine({ backend, tfjsNodeFolder })
  }
  const { openCompiledEngine } = await import('./compiled/engine.ts')
  return openCompiledEngine({ arithmetic, threads })
}
