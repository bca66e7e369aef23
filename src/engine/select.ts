import type { Task } from '../step/task.ts'
import { UsageError } from '../errors.ts'
import type { FitSpec } from '../spec/schema/fit.ts'
import type { NativeVectors } from './compiled/native.ts'
import type { Engine } from './engine.ts'
import type { BackendName } from './tfjs/backend-names.ts'

export type EngineChoice = Pick<FitSpec, 'engine' | 'arithmetic' | 'threads'> & {
  readonly backend?: BackendName | undefined
  /** A folder with a tfjs-node built elsewhere. */
  readonly tfjsNodeFolder?: string | undefined
  readonly native?: NativeVectors | undefined
}

/** An engine; the note gives the reason where it is not the one that `auto` prefers. */
export type ChosenEngine = { readonly engine: Engine; readonly note?: string }

/** Opens the engine that executes a task. Tensor libraries are loaded here, and not before. */
export async function openEngine(options: EngineChoice, task: Task): Promise<ChosenEngine> {
  const { engine, arithmetic, threads, backend, tfjsNodeFolder, native } = options
  if (engine !== 'tfjs') {
    const { lackingLayer } = await import('./compiled/lacking.ts')
    const lacking = lackingLayer(task)?.why
    if (lacking === undefined) {
      const { openCompiledEngine } = await import('./compiled/engine.ts')
      return { engine: openCompiledEngine({ arithmetic, threads, native }) }
    }
    if (engine === 'compiled') {
      throw new UsageError(`the compiled engine cannot execute this network: ${lacking}`, {
        hint: 'use engine auto, which takes TensorFlow.js where it has to, or tfjs',
      })
    }
    return { engine: await openTfjs(`${lacking}, and `), note: `${lacking}; it runs on TensorFlow.js` }
  }
  return { engine: await openTfjs() }

  async function openTfjs(why = ''): Promise<Engine> {
    const { openTfjsEngine } = await import('./tfjs/engine.ts')
    return openTfjsEngine({ backend, tfjsNodeFolder }).catch((error: unknown) => {
      if (!(error instanceof UsageError)) throw error
      throw new UsageError(`${why}${error.message}`, { hint: error.hint, cause: error })
    })
  }
}
