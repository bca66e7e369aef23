import type { MlflowCredentials } from '../components/callbacks/mlflow-client.ts'
import type { Diagnostic } from '../diagnostic.ts'
import type { SharedRows } from '../data/prepare/prepare.ts'
import type { NativeVectors } from '../engine/compiled/native.ts'
import type { FileSystem } from '../run/files.ts'
import type { HostProcess } from '../run/host-process.ts'
import type { DatasetPlaces } from '../components/datasets/dataset.ts'

/** A trained model that is about to be used. */
export type UsedModel = {
  /** The folder of its run, or its own where it is in none. */
  readonly folder: string
  /** The columns of new rows that it needs. */
  readonly columns: readonly string[]
  /** The paths of its config and of the rows that it was trained on. */
  sources(): Promise<readonly string[]>
}

/** Surroundings of an experiment: all that it may use of the machine and the program around it. */
export type Environment = {
  /** The folder that relative paths start from. */
  readonly cwd: string
  readonly stdin: AsyncIterable<Uint8Array> | undefined
  readonly datasets: DatasetPlaces
  /** Rows that the trainings of this process have in common. */
  readonly rows?: SharedRows | undefined
  /** Bytes of memory that the machine has for this process. */
  readonly memory: number
  /** A folder that @tensorflow/tfjs-node is installed in, beside those that Node finds. */
  readonly tfjsNodeFolder: string | undefined
  /** The vectors of machine code; default: the widest that the processor has. */
  readonly native: NativeVectors | undefined
  /** Receives remarks that are worth knowing but no errors. */
  readonly onNote: (note: string) => void
  /** Receives the warnings about a config, with the texts that they point into, by file. */
  readonly onWarnings: (warnings: readonly Diagnostic[], sources: ReadonlyMap<string, string>) => void
  /** Receives the trained model that a function stands on. */
  readonly onModel: (model: UsedModel) => void
}

/** The places of data sets for a run, which remembers the folder that it was begun with. */
export function placesOfRun(datasets: DatasetPlaces, saved: string | undefined): DatasetPlaces {
  return { ...datasets, folder: datasets.folder ?? saved }
}

/** Surroundings of an experiment that is written to a run folder. */
export type RunEnvironment = Environment & {
  readonly files: FileSystem
  readonly process: HostProcess
  /** Credentials that a tracking server of MLflow asks for. */
  readonly mlflow: MlflowCredentials
  /** Receives messages about a disk without room: training continues, and writing is tried again. */
  readonly onDiskFull: (message: string) => void
}
