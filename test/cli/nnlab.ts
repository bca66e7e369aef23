import { Writable } from 'node:stream'

import { main } from '../../src/cli/main.ts'
import type { Io, ProcessIo, Signal } from '../../src/cli/io.ts'
import type { FileSystem } from '../../src/run/files.ts'

export type Ran = { code: number; stdout: string; stderr: string }

class Captured extends Writable {
  readonly isTTY: boolean
  readonly columns: number
  text = ''
  constructor(isTTY: boolean, columns: number) {
    super()
    this.isTTY = isTTY
    this.columns = columns
  }
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString('utf8')
    done()
  }
}

export type RunOptions = {
  cwd?: string
  stdin?: string
  env?: NodeJS.ProcessEnv
  isTTY?: boolean
  columns?: number
  /** Sends a signal after some milliseconds. */
  signal?: { after: number; name: Signal }
  /** Receives the handler of signals. */
  onSignal?: Io['onSignal']
  files?: FileSystem
  /** Tells whether stdout takes no more. */
  isLost?: Io['isLost']
}

/** The process of a command, in memory. */
export function ioFor(options: RunOptions): ProcessIo & { stdout: Captured; stderr: Captured } {
  const { cwd = process.cwd(), stdin = '', env = {}, isTTY = false, columns = 80, signal, files } = options
  return {
    stdout: new Captured(isTTY, columns),
    stderr: new Captured(isTTY, columns),
    stdin: Object.assign(
      (async function* () {
        yield Buffer.from(stdin)
      })(),
      { isTTY },
    ),
    cwd,
    env: { ...env },
    onSignal:
      options.onSignal ??
      ((handler) => {
        const timer = signal && setTimeout(() => handler(signal.name), signal.after)
        return () => clearTimeout(timer)
      }),
    ...(files && { files }),
    ...(options.isLost && { isLost: options.isLost }),
  }
}

/** Runs a command line in this process. */
export async function nnlab(argv: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const io = ioFor(options)
  const code = await main(argv, io)
  return { code, stdout: io.stdout.text, stderr: io.stderr.text }
}
