// Local HTTP: routes, tokens, bodies within limits, errors as JSON, an orderly end.

import { randomBytes, timingSafeEqual } from 'node:crypto'
import { setMaxListeners } from 'node:events'
import { createServer } from 'node:http'
import type { IncomingMessage, Server, ServerResponse } from 'node:http'
import { Server as TcpServer } from 'node:net'
import type { AddressInfo, Socket } from 'node:net'

import { errorCode, NnlabError, UsageError } from '../errors.ts'

/** An answer: its body is text, or a value that is sent as JSON. */
export type Answer = {
  readonly status?: number
  readonly type?: string
  readonly body: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** An answer that goes on: server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html). */
export type Events = {
  /** Sends events until the signal says that nobody listens any more. */
  readonly events: (send: (event: string, data: unknown) => void, closed: AbortSignal) => void
}

export type Route = {
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** True for what is told without the token. */
  readonly open?: true
  answer(request: HttpRequest): Answer | Events | Promise<Answer | Events>
}

export type HttpRequest = {
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly query: URLSearchParams
  /** The whole body, of at most `MOST_BYTES`. */
  body(): Promise<Buffer>
}

/** A request that cannot be answered, with the status of HTTP that says so. */
export class HttpError extends NnlabError {
  readonly status: number

  readonly headers: Readonly<Record<string, string>>

  constructor(status: number, message: string, hint?: string, headers: HttpError['headers'] = {}) {
    super(message, hint === undefined ? {} : { hint })
    this.status = status
    this.headers = headers
  }
}

export type ListenOptions = {
  readonly host: string
  /** 0 takes a free one. */
  readonly port: number
  /** Requests name it in `Authorization: Bearer TOKEN`, or as `token` in their address. */
  readonly token: string
  /** Receives errors that are bugs; the client is told of an internal error. */
  readonly onBug: (error: unknown) => void
}

export type ListeningServer = {
  readonly url: string
  /** Answers the requests that have arrived, and takes no more. */
  close(): Promise<void>
}

/** Bytes of a body, and of all bodies that are being read or answered. */
export const MOST_BYTES = 32 * 1024 * 1024
const MOST_BYTES_AT_ONCE = 8 * MOST_BYTES
/** Milliseconds for a request to arrive whole, and for its headers. */
const [REQUEST_TIMEOUT, HEADERS_TIMEOUT] = [30_000, 10_000]
/** Milliseconds in which a client whose body is refused may read the answer. */
const DISCARD_TIMEOUT = 2_000

/** A token that nobody guesses. */
export function newToken(): string {
  return randomBytes(24).toString('base64url')
}

/** Listens until it is closed. */
export async function listen(routes: readonly Route[], options: ListenOptions): Promise<ListeningServer> {
  const bodies = new Bodies()
  const connections = new OpenConnections()
  const closing = new AbortController()
  setMaxListeners(0, closing.signal)
  const server = createServer(
    { requestTimeout: REQUEST_TIMEOUT, headersTimeout: HEADERS_TIMEOUT, keepAliveTimeout: HEADERS_TIMEOUT },
    (request, response) => {
      connections.answer(request, response)
      void answerTo(request, response, { routes, bodies, closing: closing.signal, ...options })
    },
  )
  server.on('connection', (socket) => {
    connections.add(socket)
  })
  const { port } = await opened(server, options)
  const host = options.host.includes(':') ? `[${options.host}]` : options.host
  return {
    url: `http://${host}:${port}`,
    close: () =>
      new Promise((resolve) => {
        // Node's own `close` cuts off answers that are still being sent, and waits for ever for a body that does not arrive.
        TcpServer.prototype.close.call(server, () => {
          resolve()
        })
        connections.close()
        closing.abort()
      }),
  }
}

async function opened(server: Server, { host, port }: ListenOptions): Promise<AddressInfo> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', (error) => {
      reject(cannotListen(error, host, port))
    })
    server.listen(port, host, resolve)
  })
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('a server without a port')
  return address
}

function cannotListen(error: Error, host: string, port: number): Error {
  switch (errorCode(error)) {
    case 'EADDRINUSE':
      return new UsageError(`port ${port} of ${host} is in use by another program`, {
        hint: 'name another port, or 0 for a free one',
      })
    case 'EACCES':
      return new UsageError(`port ${port} is not allowed`, { hint: 'name one from 1024 on' })
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return new UsageError(`${host} is not an address of this machine`, {
        hint: 'name 127.0.0.1, or 0.0.0.0 for all of its addresses',
      })
    default:
      return error
  }
}

type Serving = ListenOptions & {
  readonly routes: readonly Route[]
  readonly bodies: Bodies
  readonly closing: AbortSignal
}

async function answerTo(request: IncomingMessage, response: ServerResponse, serving: Serving): Promise<void> {
  const taken = serving.bodies.open()
  try {
    const url = addressOf(request)
    const route = routeOf(request, url.pathname, serving.routes)
    if (!route.open) requireToken(request, url, serving.token)
    const body = () => taken.read(request)
    const answer = await route.answer({ headers: request.headers, query: url.searchParams, body })
    if ('events' in answer) sendEvents(response, answer, serving.closing)
    else send(response, answer)
  } catch (error) {
    send(response, errorAnswer(error, serving.onBug))
    if (!request.complete) discardBody(request)
  } finally {
    taken.release()
  }
}

/**
 * Reads what arrives of a body that nobody wants: a connection that is closed with unread bytes is reset, and its
 * client may lose the answer (RFC 9112, section 9.6). A client that goes on sending is cut off.
 */
function discardBody(request: IncomingMessage): void {
  const cut = setTimeout(() => request.destroy(), DISCARD_TIMEOUT)
  request.on('close', () => {
    clearTimeout(cut)
  })
  request.resume()
}

/** The address that a request names, whose path may begin with two slashes; proxies are asked for whole addresses. */
function addressOf({ url = '/' }: IncomingMessage): URL {
  const address = url.startsWith('/') ? `http://localhost${url}` : url
  if (URL.canParse(address, 'http://localhost')) return new URL(address, 'http://localhost')
  throw new HttpError(400, `${url} is not an address`)
}

function routeOf({ method = 'GET' }: IncomingMessage, path: string, routes: readonly Route[]): Route {
  const there = routes.filter((route) => route.path === path)
  const wanted = method === 'HEAD' ? 'GET' : method
  const route = there.find((one) => one.method === wanted)
  if (route) return route
  const known = routes.map((one) => `${one.method} ${one.path}`).join(', ')
  if (there.length > 0) {
    const allow = there.map((one) => (one.method === 'GET' ? 'GET, HEAD' : one.method)).join(', ')
    throw new HttpError(405, `${path} does not take ${method}`, `there are ${known}`, { allow })
  }
  throw new HttpError(404, `there is no ${path}`, `there are ${known}`)
}

function requireToken({ headers }: IncomingMessage, { searchParams }: URL, token: string): void {
  // The name of the scheme may be in any case: RFC 9110, section 11.1.
  const [, sent = ''] = /^bearer +(.*)$/i.exec(headers.authorization ?? '') ?? []
  const given = Buffer.from(searchParams.get('token') ?? sent)
  const wanted = Buffer.from(token)
  if (given.length === wanted.length && timingSafeEqual(given, wanted)) return
  throw new HttpError(401, 'the token is missing or wrong', 'send the header Authorization: Bearer TOKEN', {
    'www-authenticate': 'Bearer',
  })
}

function errorAnswer(error: unknown, onBug: (error: unknown) => void): Answer {
  if (error instanceof NnlabError) {
    const { message, hint } = error
    const { status, headers } = error instanceof HttpError ? error : { status: 400, headers: {} }
    return { status, body: { error: { message, ...(hint !== undefined && { hint }) } }, headers }
  }
  onBug(error)
  return { status: 500, body: { error: { message: 'internal error' } } }
}

function send(response: ServerResponse, { status = 200, type, body, headers }: Answer): void {
  const text = typeof body === 'string' ? body : `${JSON.stringify(body)}\n`
  response.writeHead(status, {
    'content-type': type ?? (typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json'),
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    ...headers,
  })
  response.end(response.req.method === 'HEAD' ? undefined : text)
}

function sendEvents(response: ServerResponse, { events }: Events, closing: AbortSignal): void {
  const closed = new AbortController()
  const end = (): void => {
    response.end()
  }
  closing.addEventListener('abort', end)
  response.on('close', () => {
    closing.removeEventListener('abort', end)
    closed.abort()
  })
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' })
  response.flushHeaders()
  events((event, data) => {
    response.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`)
  }, closed.signal)
}

/** The connections of a server; they end when it closes, as soon as their requests are answered. */
class OpenConnections {
  readonly #sockets = new Set<Socket>()
  readonly #requests = new Set<IncomingMessage>()
  #closing = false

  add(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
  }

  /** Keeps the connection of a request until its body has arrived and the answer is sent. */
  answer(request: IncomingMessage, response: ServerResponse): void {
    this.#requests.add(request)
    let open = 2
    const close = (): void => {
      open -= 1
      if (open > 0) return
      this.#requests.delete(request)
      if (this.#closing) this.#endIdle()
    }
    request.on('close', close)
    response.on('close', close)
  }

  close(): void {
    this.#closing = true
    this.#endIdle()
  }

  #endIdle(): void {
    const busy = new Set(Array.from(this.#requests, ({ socket }) => socket))
    for (const socket of this.#sockets) if (!busy.has(socket)) socket.destroySoon()
  }
}

/** The bodies of all requests, which share a limit. */
class Bodies {
  #bytes = 0

  open() {
    let bytes = 0
    /** Counts bytes of the body; returns the reason why they are too many. */
    const refusal = (count: number): HttpError | undefined => {
      bytes += count
      this.#bytes += count
      if (bytes > MOST_BYTES)
        return new HttpError(413, `the body is larger than ${MOST_BYTES} bytes`, 'send the rows in parts')
      if (this.#bytes > MOST_BYTES_AT_ONCE)
        return new HttpError(503, 'too many requests at once', 'try again')
      return undefined
    }
    return {
      read: (request: IncomingMessage): Promise<Buffer> =>
        new Promise((resolve, reject) => {
          const parts: Buffer[] = []
          // A loop over the parts that ends early destroys the request, and Node never counts its connection as closed.
          const take = (part: Buffer): void => {
            const refused = refusal(part.length)
            if (refused) {
              request.off('data', take)
              reject(refused)
            } else parts.push(part)
          }
          request.on('data', take)
          request.on('end', () => {
            resolve(Buffer.concat(parts))
          })
          request.on('error', () => {
            reject(new HttpError(400, 'the body did not arrive whole'))
          })
        }),
      release: (): void => {
        this.#bytes -= bytes
      },
    }
  }
}
