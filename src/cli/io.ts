import type { FileSystem } from '../run/files.ts'

/** A stream of text that may be a terminal. */
export type TextStream = NodeJS.WritableStream & { readonly isTTY?: boolean; readonly columns?: number }

export type Signal = 'SIGINT' | 'SIGTERM'

/** The parts of its process that a command may touch. */
export type Io = {
  /** The result. */
  readonly stdout: TextStream
  /** Progress and diagnostics. */
  readonly stderr: TextStream
  readonly stdin: AsyncIterable<Uint8Array> & { readonly isTTY?: boolean }
  readonly cwd: string
  readonly env: NodeJS.ProcessEnv
  /** Calls back at the first SIGINT or SIGTERM; the next one ends the process. Returns a function that stops watching. */
  onSignal(handler: (signal: Signal) => void): () => void
  /** File system that runs are written to; default: the machine's. */
  readonly files?: FileSystem
}

/** True for a stream that shows colors. https://no-color.org */
export function wantsColor(stream: TextStream, env: NodeJS.ProcessEnv): boolean {
  return stream.isTTY === true && !env['NO_COLOR'] && env['TERM'] !== 'dumb'
}

/** Width of a stream's lines, in characters. */
export function widthOf(stream: TextStream): number {
  return stream.columns ?? 80
}
