import { homedir, platform, totalmem } from 'node:os'
import { join, resolve } from 'node:path'

import type { MlflowCredentials } from '../components/callbacks/mlflow-client.ts'
import type { Diagnostic } from '../diagnostic.ts'
import type { NativeVectors } from '../engine/compiled/native.ts'
import { UsageError } from '../errors.ts'
import type { Environment, RunEnvironment, UsedModel } from '../experiment/environment.ts'
import { disk } from '../run/files.ts'
import type { FileSystem } from '../run/files.ts'
import type { HostProcess } from '../run/host-process.ts'
import type { FetchEvent } from '../table/files/fetch.ts'
import type { Proxies } from '../table/files/request.ts'

/** Options that every function takes. */
export type EnvironmentOptions = {
  /** The folder that relative paths start from; default: the current one. */
  readonly cwd?: string | undefined
  /** The folder of the known data sets; default: that of the run, else `defaultDataFolder`. */
  readonly dataFolder?: string | undefined
  /** The folder of the known data sets where the run has none; default: `nnlab` in the cache folder. */
  readonly defaultDataFolder?: string | undefined
  /** The folder for files that can be fetched again; default: that of the platform. */
  readonly cacheFolder?: string | undefined
  /** A folder that @tensorflow/tfjs-node is installed in, beside those that Node finds. */
  readonly tfjsNodeFolder?: string | undefined
  /** The vectors of machine code beside WebAssembly, which computes the same bits; default: the widest there are. */
  readonly native?: NativeVectors | undefined
  /** Bytes of memory that training may take; default: what the machine has. */
  readonly memory?: number | undefined
  /** Rows that `-` stands for. */
  readonly stdin?: AsyncIterable<Uint8Array> | undefined
  /** Receives remarks that are worth knowing but no errors. */
  readonly onNote?: ((note: string) => void) | undefined
  /** Receives the warnings about a config, with the texts that they point into, by file. */
  readonly onWarnings?:
    ((warnings: readonly Diagnostic[], sources: ReadonlyMap<string, string>) => void) | undefined
  /** Receives the trained model that a function stands on, before it is used. */
  readonly onModel?: ((model: UsedModel) => void) | undefined
  /** The proxies through which data sets are fetched; default: none. */
  readonly proxies?: Proxies | undefined
  /** Receives events while the files of a data set are fetched. */
  readonly onFetch?: ((event: FetchEvent) => Promise<void> | void) | undefined
}

/** Options of functions that work on run folders. */
export type HostOptions = EnvironmentOptions & {
  /** The process that works on runs: Node's own `process`. */
  readonly process: HostProcess
}

/** Options of functions that write files. */
export type WriterOptions = EnvironmentOptions & {
  /** The file system that is written to; default: that of the machine. */
  readonly files?: FileSystem | undefined
}

/** Options of functions that write run folders. */
export type RunEnvironmentOptions = HostOptions &
  WriterOptions & {
    /** Credentials that a tracking server of MLflow asks for, where a config names one; default: nothing. */
    readonly mlflow?: MlflowCredentials | undefined
    /** Receives messages about a disk without room: training continues, and writing is tried again. */
    readonly onDiskFull?: ((message: string) => void) | undefined
  }

const ignore = (): void => undefined

export function environmentOf(options: EnvironmentOptions): Environment {
  const cwd = resolve(options.cwd ?? '')
  return {
    cwd,
    stdin: options.stdin,
    datasets: {
      folder: folderIn(cwd, options.dataFolder),
      fallback: folderIn(cwd, options.defaultDataFolder),
      cache: join(options.cacheFolder ?? cacheFolder(), 'nnlab'),
      proxies: options.proxies,
      watch: options.onFetch ?? ignore,
    },
    memory: options.memory ?? totalmem(),
    tfjsNodeFolder: options.tfjsNodeFolder,
    native: options.native,
    onNote: options.onNote ?? ignore,
    onWarnings(warnings, sources) {
      if (warnings.length > 0) options.onWarnings?.(warnings, sources)
    },
    onModel: options.onModel ?? ignore,
  }
}

function folderIn(cwd: string, folder: string | undefined): string | undefined {
  return folder === undefined ? undefined : resolve(cwd, folder)
}

export function runEnvironmentOf(options: RunEnvironmentOptions): RunEnvironment {
  const { files = disk, mlflow = {}, onDiskFull = ignore } = options
  return { ...environmentOf(options), files, process: requireProcess(options), mlflow, onDiskFull }
}

/** The process of the options, which a program without types may have left out. */
export function requireProcess({ process }: Partial<HostOptions>): HostProcess {
  if (process) return process
  throw new UsageError(
    'expected the `process` of Node, whose number keeps other processes out of a run folder',
    { option: 'process' },
  )
}

/** The platform's folder for files that can be fetched again. https://specifications.freedesktop.org/basedir-spec */
function cacheFolder(): string {
  switch (platform()) {
    case 'win32':
      return join(homedir(), 'AppData', 'Local')
    case 'darwin':
      return join(homedir(), 'Library', 'Caches')
    default:
      return join(homedir(), '.cache')
  }
}
