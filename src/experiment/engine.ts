import type { Members } from '../engine/compiled/members.ts'
import type { Engine } from '../engine/engine.ts'
import type { Ranks } from '../engine/ranks.ts'
import { openEngine } from '../engine/select.ts'
import type { EngineChoice } from '../engine/select.ts'
import type { BackendName } from '../engine/tfjs/backend-names.ts'
import type { FitSpec } from '../spec/schema/fit.ts'
import type { Environment } from './environment.ts'

/** Options that choose the engine of a model; default: as its config says. */
export type EngineOptions = {
  readonly engine?: FitSpec['engine'] | undefined
  readonly backend?: BackendName | undefined
  /** Threads where the config leaves them to nnlab. */
  readonly threads?: number | undefined
  /** The models that share modules and threads with this one. */
  readonly members?: Members | undefined
  /** The processes of an MPI job that train this model together. */
  readonly ranks?: Ranks | undefined
}

/** Opens the engine that the options ask for, else that of the config. */
export function openEngineFor(
  { engine, backend, threads, members }: EngineOptions,
  fit: FitSpec,
  { tfjsNodeFolder, native }: Pick<Environment, 'tfjsNodeFolder' | 'native'>,
): Promise<Engine> {
  const options: EngineChoice = {
    engine: engine ?? (backend === undefined ? fit.engine : 'tfjs'),
    arithmetic: fit.arithmetic,
    threads: fit.threads === 'auto' ? (threads ?? 'auto') : fit.threads,
    backend,
    tfjsNodeFolder,
    native,
    members,
  }
  return openEngine(options)
}
