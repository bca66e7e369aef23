// Requests of files over HTTP, through a proxy where the environment names one: Node's own fetch knows none before Node 24.

import * as http from 'node:http'
import * as https from 'node:https'
import { connect } from 'node:tls'
import type { Duplex } from 'node:stream'

/** The proxies of the environment, as curl reads them: addresses, and the hosts that are asked directly. */
export type Proxies = {
  readonly http?: string | undefined
  readonly https?: string | undefined
  /** Names of hosts with their subdomains, after commas; `*` means all. */
  readonly none?: string | undefined
}

export type RequestOptions = {
  readonly headers: Readonly<Record<string, string>>
  readonly signal: AbortSignal
  readonly proxies?: Proxies | undefined
  /** The body to post; default: none, to get. */
  readonly body?: string | undefined
}

/** Redirections that are followed. */
const MOST_REDIRECTIONS = 5

/** Asks for a file and follows redirections; the answer is a stream of its bytes. */
export async function request(address: string, options: RequestOptions): Promise<http.IncomingMessage> {
  let url = new URL(address)
  for (let i = 0; i <= MOST_REDIRECTIONS; i++) {
    const answer = await requestOnce(url, options)
    const { location } = answer.headers
    if (location === undefined || ![301, 302, 303, 307, 308].includes(answer.statusCode ?? 0)) return answer
    answer.destroy()
    url = new URL(location, url)
  }
  throw new Error(`more than ${MOST_REDIRECTIONS} redirections`)
}

async function requestOnce(
  url: URL,
  { headers, signal, proxies = {}, body }: RequestOptions,
): Promise<http.IncomingMessage> {
  const proxy = proxyFor(url, proxies)
  const method = body === undefined ? 'GET' : 'POST'
  if (url.protocol === 'https:') {
    const socket = proxy && (await tunnel(proxy, url, signal))
    const connection = socket
      ? { createConnection: () => connect({ socket, servername: url.hostname }) }
      : { agent: false }
    return answerTo(https.request(url, { method, headers, signal, ...connection }), body)
  }
  if (url.protocol !== 'http:') throw new Error(`${url.protocol} is neither http nor https`)
  if (proxy === undefined) return answerTo(http.request(url, { method, headers, signal, agent: false }), body)
  const { request } = proxy.protocol === 'https:' ? https : http
  return answerTo(
    request(proxy, {
      method,
      path: url.href,
      headers: { ...headers, host: url.host, ...authorization(proxy) },
      signal,
      agent: false,
    }),
    body,
  )
}

function answerTo(asked: http.ClientRequest, body?: string): Promise<http.IncomingMessage> {
  return new Promise((resolve, reject) => {
    asked.once('response', resolve).once('error', reject).end(body)
  })
}

/** A connection to the host of an address through a proxy. */
function tunnel(proxy: URL, { hostname, port }: URL, signal: AbortSignal): Promise<Duplex> {
  const { request } = proxy.protocol === 'https:' ? https : http
  const host = `${hostname}:${port === '' ? 443 : port}`
  const asked = request(proxy, {
    method: 'CONNECT',
    path: host,
    headers: { host, ...authorization(proxy) },
    signal,
    agent: false,
  })
  return new Promise((resolve, reject) => {
    asked.once('error', reject).once('connect', ({ statusCode }, socket) => {
      if (statusCode === 200) return resolve(socket)
      socket.destroy()
      reject(new Error(`the proxy ${proxy.host} answers HTTP ${statusCode}`))
    })
    asked.end()
  })
}

function authorization({ username, password }: URL): Record<string, string> {
  if (username === '') return {}
  const both = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return { 'proxy-authorization': `Basic ${Buffer.from(both).toString('base64')}` }
}

/** The proxy through which an address is asked for. */
function proxyFor(url: URL, proxies: Proxies): URL | undefined {
  const address = url.protocol === 'https:' ? proxies.https : proxies.http
  if (address === undefined || address === '' || isDirect(url, proxies.none ?? '')) return undefined
  const text = address.includes('://') ? address : `http://${address}`
  if (!URL.canParse(text)) throw new Error(`the proxy ${address} is not an address`)
  return new URL(text)
}

function isDirect({ hostname, port, protocol }: URL, none: string): boolean {
  const ownPort = port === '' ? (protocol === 'https:' ? '443' : '80') : port
  return none.split(/[\s,]+/).some((entry) => {
    const [, host = '', only] = /^\*?\.?(.*?)(?::(\d+))?$/.exec(entry) ?? []
    if (entry === '*') return true
    return (
      host !== '' &&
      (only === undefined || only === ownPort) &&
      (hostname === host || hostname.endsWith(`.${host}`))
    )
  })
}
