import { ucxEnvironment } from '../engine/mpi/environment.ts'
import { tensorflowEnvironment } from '../engine/tfjs/environment.ts'
import { Screen } from '../report/text/screen.ts'
import { lines } from '../report/text/terminal-text.ts'
import { ExitCode } from './exit-code.ts'
import { ioOf } from './io.ts'
import type { ProcessIo, Signal } from './io.ts'
import { optimizeLater } from './late-optimization.ts'
import { parseCommand } from './parser.ts'
import { reportError } from './report-error.ts'

/** Runs one command line; never throws. */
export async function main(argv: readonly string[], process: ProcessIo): Promise<number> {
  const io = ioOf(process)
  try {
    const command = await parseCommand(argv, io)
    return await command()
  } catch (error) {
    return await reportError(error, io)
  }
}

/** Runs the command line of this process. */
export async function run(): Promise<number> {
  optimizeLater(process.versions.node)
  let failure: NodeJS.ErrnoException | undefined
  surviveErrors(process.stdout, (error) => void (failure ??= error))
  surviveErrors(process.stderr, () => undefined)
  const defaults = { ...tensorflowEnvironment, ...ucxEnvironment }
  for (const [name, value] of Object.entries(defaults)) process.env[name] ??= value
  const code = await main(process.argv.slice(2), {
    stdout: process.stdout,
    stderr: process.stderr,
    stdin: process.stdin,
    cwd: process.cwd(),
    env: process.env,
    onSignal,
    isLost: () => failure !== undefined,
  })
  // A reader that closes the pipe, as in `nnlab predict | head`, is not an error, and neither is a closed terminal.
  if (failure === undefined || failure.code === 'EPIPE' || failure.code === 'EIO') return code
  const { message } = failure
  new Screen(process.stderr, process.env).write(
    lines([`error: cannot write the result to stdout: ${message}`]),
  )
  return code === ExitCode.done ? ExitCode.run : code
}

/** Keeps the process alive when a stream fails, such as one into a file on a full disk: a run matters more than its messages. */
function surviveErrors(stream: NodeJS.WriteStream, report: (error: NodeJS.ErrnoException) => void): void {
  const write = stream._write.bind(stream)
  stream._write = (chunk, encoding, done) => {
    try {
      write(chunk, encoding, (error) => {
        if (error) report(error)
        done()
      })
    } catch (error) {
      // In some versions of Node, streams into files throw.
      if (!(error instanceof Error)) throw error
      report(error)
      done()
    }
  }
  stream.on('error', report)
}

function onSignal(handler: (signal: Signal) => void): () => void {
  const signals: readonly Signal[] = ['SIGINT', 'SIGTERM']
  const stop = (): void => {
    for (const signal of signals) process.off(signal, first)
  }
  const first = (signal: NodeJS.Signals): void => {
    stop()
    if (signal === 'SIGINT' || signal === 'SIGTERM') handler(signal)
  }
  // A run continues when its terminal is closed.
  const ignore = (): void => undefined
  for (const signal of signals) process.on(signal, first)
  process.on('SIGHUP', ignore)
  return () => {
    stop()
    process.off('SIGHUP', ignore)
  }
}
