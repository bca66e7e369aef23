import { Screen } from '../report/text/screen.ts'
import type { TextStream } from '../report/text/screen.ts'
import type { FileSystem } from '../run/files.ts'

export type Signal = 'SIGINT' | 'SIGTERM'

/** The parts of its process that a command may touch, with streams of type `Stream`. */
type ProcessParts<Stream> = {
  /** The result. */
  readonly stdout: Stream
  /** Progress and diagnostics. */
  readonly stderr: Stream
  readonly stdin: AsyncIterable<Uint8Array> & { readonly isTTY?: boolean }
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  /** Folder of the known data sets that the command line names. */
  readonly dataDir?: string
  /** Calls back at the first SIGINT or SIGTERM; the next one ends the process. Returns a function that stops watching. */
  onSignal(handler: (signal: Signal) => void): () => void
  /** True once stdout takes no more of the result, as in `nnlab predict | head`. */
  readonly isLost?: () => boolean
  /** File system that runs are written to; default: the machine's. */
  readonly files?: FileSystem
}

export type Io = ProcessParts<Screen>
/** The same before its streams are screens. */
export type ProcessIo = ProcessParts<TextStream>

export function ioOf(process: ProcessIo): Io {
  const { stdout, stderr, env } = process
  return { ...process, stdout: new Screen(stdout, env), stderr: new Screen(stderr, env) }
}
