import { ConfigError } from '../diagnostic.ts'
import { tensorflowEnvironment } from '../engine/tfjs/environment.ts'
import { NnlabError } from '../errors.ts'
import { renderDiagnostics } from '../report/text/diagnostics.ts'
import { paint } from '../report/text/paint.ts'
import { version } from '../version.ts'
import { ExitCode, exitCodeOf } from './exit-code.ts'
import type { Io, Signal } from './io.ts'
import { wantsColor, widthOf } from './io.ts'
import { parseCommand } from './parser.ts'

/** Runs one command line; never throws. */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  try {
    const command = await parseCommand(argv, io)
    return await command()
  } catch (error) {
    return await reportError(error, io)
  }
}

/** Tells the user what went wrong; returns the exit code. */
async function reportError(error: unknown, io: Io): Promise<number> {
  const color = wantsColor(io.stderr, io.env)
  const { bold, red, dim } = paint(color)
  if (error instanceof ConfigError) {
    io.stderr.write(
      renderDiagnostics(error.diagnostics, error.sources, { color, width: widthOf(io.stderr), cwd: io.cwd }),
    )
    return exitCodeOf(error)
  }
  if (error instanceof NnlabError) {
    io.stderr.write(`${bold(red('error'))}: ${error.message}\n`)
    if (error.hint !== undefined) io.stderr.write(`  ${dim('=')} ${error.hint}\n`)
    return exitCodeOf(error)
  }
  const { readableStack } = await import('./stack.ts')
  const stack = error instanceof Error ? readableStack(error) : String(error)
  io.stderr.write(
    `${bold(red('bug'))}: nnlab ${version} on Node ${process.version} hit an internal error:\n${stack}\n` +
      'please report it, with this text and the config\n',
  )
  return ExitCode.bug
}

/** Runs the process's own command line. */
export async function run(): Promise<number> {
  let failure: NodeJS.ErrnoException | undefined
  outlive(process.stdout, (error) => {
    // A reader that has seen enough, as in `nnlab summary | head`, is no error, nor is a terminal that was closed.
    if (error.code !== 'EPIPE' && error.code !== 'EIO') failure = error
  })
  outlive(process.stderr, () => undefined)
  for (const [name, value] of Object.entries(tensorflowEnvironment)) process.env[name] ??= value
  const code = await main(process.argv.slice(2), {
    stdout: process.stdout,
    stderr: process.stderr,
    stdin: process.stdin,
    cwd: process.cwd(),
    env: process.env,
    onSignal,
  })
  if (failure === undefined) return code
  process.stderr.write(`error: cannot write the result to stdout: ${failure.message}\n`)
  return code === ExitCode.done ? ExitCode.run : code
}

/** Goes on where a stream takes no more text, as one into a file on a full disk: a run is worth more than its messages. */
function outlive(stream: NodeJS.WriteStream, tell: (error: NodeJS.ErrnoException) => void): void {
  const write = stream._write.bind(stream)
  stream._write = (chunk, encoding, done) => {
    try {
      write(chunk, encoding, (error) => {
        if (error) tell(error)
        done()
      })
    } catch (error) {
      // Streams into files throw, in some versions of Node.
      if (!(error instanceof Error)) throw error
      tell(error)
      done()
    }
  }
  stream.on('error', tell)
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
  // A run outlives the terminal that it was started from.
  const goOn = (): void => undefined
  for (const signal of signals) process.on(signal, first)
  process.on('SIGHUP', goOn)
  return () => {
    stop()
    process.off('SIGHUP', goOn)
  }
}
