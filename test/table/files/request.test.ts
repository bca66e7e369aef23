import { createServer } from 'node:http'
import type { IncomingMessage, Server } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { text } from 'node:stream/consumers'

import { describe, expect, it, onTestFinished } from 'vitest'

import { request } from '../../../src/table/files/request.ts'
import type { Proxies } from '../../../src/table/files/request.ts'

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const { port }: AddressInfo = JSON.parse(JSON.stringify(server.address()))
  return port
}

const ask = async (address: string, proxies?: Proxies): Promise<string> =>
  text(await request(address, { headers: {}, signal: AbortSignal.timeout(10_000), proxies }))

/** A server that tells what it is asked for. */
const telling = (name: string) =>
  createServer(({ url = '', headers }, response) => {
    if (url.startsWith('/moved')) response.writeHead(302, { location: '/here' })
    response.end(`${name} ${url} ${headers['proxy-authorization'] ?? ''}`.trim())
  })

describe('requests', () => {
  it('follow redirections', async () => {
    const port = await listening(telling('origin'))
    expect(await ask(`http://127.0.0.1:${port}/moved`)).toBe('origin /here')
  })

  it('go through the proxy of their scheme, with its password, but not to hosts that are excepted', async () => {
    const [origin, proxy] = [await listening(telling('origin')), await listening(telling('proxy'))]
    const address = `http://127.0.0.1:${origin}/x`
    const through = { http: `http://me:a%20b@127.0.0.1:${proxy}` }
    const basic = `Basic ${Buffer.from('me:a b').toString('base64')}`
    expect(await ask(address, through)).toBe(`proxy ${address} ${basic}`)
    expect(await ask(address, { https: through.http })).toBe('origin /x')
    for (const none of ['*', '127.0.0.1', 'a.org, 127.0.0.1', `.0.0.1:${origin}`])
      expect(await ask(address, { ...through, none })).toBe('origin /x')
    for (const none of ['', '7.0.0.1', `127.0.0.1:${origin + 1}`, 'a.org'])
      expect(await ask(address, { ...through, none })).toContain('proxy')
  })

  it('of https speak TLS through a tunnel, with the name of the host', async () => {
    const asked: string[] = []
    const said: Buffer[] = []
    const server = createServer()
    server.on('connect', ({ url = '' }: IncomingMessage, socket: Socket) => {
      asked.push(url)
      socket.write('HTTP/1.1 200 OK\r\n\r\n')
      socket.once('data', (bytes) => {
        said.push(bytes)
        socket.destroy()
      })
    })
    const proxy = `127.0.0.1:${await listening(server)}`
    await expect(ask('https://data.example/file', { https: proxy })).rejects.toThrow()
    expect(asked).toEqual(['data.example:443'])
    expect(said[0]?.[0]).toBe(0x16)
    expect(said[0]?.toString('latin1')).toContain('data.example')
  })

  it('name a proxy that refuses', async () => {
    const server = createServer()
    server.on('connect', (_request: IncomingMessage, socket: Socket) => {
      socket.end('HTTP/1.1 407 Proxy Authentication Required\r\n\r\n')
    })
    const proxy = `127.0.0.1:${await listening(server)}`
    await expect(ask('https://data.example/file', { https: proxy })).rejects.toThrow(
      `the proxy ${proxy} answers HTTP 407`,
    )
  })
})
