import { UsageError } from '../errors.ts'
import type { ListeningServer, Route } from '../server/http.ts'
import { reportBug } from './bug.ts'
import type { ExitCode } from './exit-code.ts'
import { Interrupt } from './interrupt.ts'
import type { Io } from './io.ts'

/** Options of commands that listen. */
export const listenOptions = {
  port: { type: 'number', default: 8080, describe: 'Port to listen on; 0 chooses a free one' },
  host: {
    type: 'string',
    default: '127.0.0.1',
    describe: 'Address to listen on; 0.0.0.0 lets other machines in',
  },
} as const

const MOST_PORT = 65535

type HttpServer = {
  readonly host: string
  readonly port: number
  routes(token: string, onBug: (error: unknown) => void): readonly Route[]
  /** Says that it listens; `ownToken` is false where the environment named the token. */
  begun(server: ListeningServer, token: string, ownToken: boolean): void
}

export function requirePort(port: number): void {
  if (Number.isInteger(port) && port >= 0 && port <= MOST_PORT) return
  throw new UsageError(`--port must be a whole number from 0 to ${MOST_PORT}, got ${port}`)
}

/** Listens until a signal ends it, with the token of NNLAB_TOKEN or a new one; returns the exit code. */
export async function runServer({ host, port, routes, begun }: HttpServer, io: Io): Promise<ExitCode> {
  const { listen, newToken } = await import('../server/http.ts')
  const named = io.env['NNLAB_TOKEN']
  const token = named || newToken()
  const onBug = (error: unknown): void => void reportBug(error, io)
  const interrupt = new Interrupt(io)
  interrupt.watch()
  const server = await listen(routes(token, onBug), { host, port, token, onBug })
  begun(server, token, !named)
  await new Promise<void>((resolve) => {
    if (interrupt.signal.aborted) resolve()
    interrupt.signal.addEventListener('abort', () => {
      resolve()
    })
  })
  await server.close()
  return interrupt.exitCode
}
