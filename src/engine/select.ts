import type { FitSpec } from '../spec/schema/fit.ts'
import type { NativeVectors } from './compiled/native.ts'
import type { Members } from './compiled/members.ts'
import type { Engine } from './engine.ts'
import type { BackendName } from './tfjs/backend-names.ts'

export type EngineChoice = Pick<FitSpec, 'engine' | 'arithmetic' | 'threads'> & {
  readonly backend?: BackendName | undefined
  /** A folder with a tfjs-node built elsewhere. */
  readonly tfjsNodeFolder?: string | undefined
  readonly native?: NativeVectors | undefined
  readonly members?: Members | undefined
}

/** Opens an engine: the compiled one unless TensorFlow.js is asked for. Tensor libraries are loaded here, and not before. */
export async function openEngine(options: EngineChoice): Promise<Engine> {
  const { engine, arithmetic, threads, backend, tfjsNodeFolder, native, members } = options
  if (engine === 'tfjs') {
    const { openTfjsEngine } = await import('./tfjs/engine.ts')
    return openTfjsEngine({ backend, tfjsNodeFolder })
  }
  const { openCompiledEngine } = await import('./compiled/engine.ts')
  return openCompiledEngine({ arithmetic, threads, native, members })
}
