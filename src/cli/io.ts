import type { FileSystem } from '../run/files.ts'

/** A stream of text that may be a terminal. */
export type TextStream = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number }

export type Signal = 'SIGINT' | 'SIGTERM'

/** All that a command may touch of the process it runs in. */
export type Io = {
  /** The result. */
  readonly stdout: TextStream
  /** Progress and diagnostics. */
  readonly stderr: TextStream
  readonly stdin: AsyncIterable<Uint8Array> & { readonly isTTY?: boolean }
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  /** Calls back at the first SIGINT or SIGTERM; the next one ends the process. Returns what ends the watch. */
  onSignal(handler: (signal: Signal) => void): () => void
  /** Where runs are written; default: the machine's file system. */
  readonly files?: FileSystem
}

/** Whether to colour what goes to a stream. https://no-color.org */
export function wantsColor(stream: TextStream, env: NodeJS.ProcessEnv): boolean {
  return stream.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb'
}

/** How wide a stream's lines are, in characters. */
export function widthOf(stream: TextStream): number {
  return stream.columns ?? 80
}
