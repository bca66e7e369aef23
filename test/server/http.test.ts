import { once } from 'node:events'
import { request } from 'node:http'
import { connect } from 'node:net'
import { text } from 'node:stream/consumers'
import { setTimeout } from 'node:timers/promises'

import { afterAll, beforeAll, expect, it } from 'vitest'

import { DataError } from '../../src/errors.ts'
import { listen, MOST_BYTES } from '../../src/server/http.ts'
import type { Answer, HttpRequest, ListeningServer } from '../../src/server/http.ts'

const bugs: unknown[] = []
let server: ListeningServer
let release: (() => void) | undefined

/** The bodies that were asked for. */
const read: Promise<Buffer>[] = []

async function bodySize({ body }: HttpRequest): Promise<Answer> {
  const whole = body()
  read.push(whole)
  return { body: (await whole).length }
}

beforeAll(async () => {
  server = await listen(
    [
      { method: 'GET', path: '/open', open: true, answer: () => ({ body: 'open' }) },
      { method: 'POST', path: '/size', answer: bodySize },
      {
        method: 'GET',
        path: '/wrong',
        answer: () => {
          throw new DataError('row 3 is wrong', { hint: 'correct it' })
        },
      },
      {
        method: 'GET',
        path: '/bug',
        answer: () => {
          throw new Error('a secret')
        },
      },
      {
        method: 'GET',
        path: '/slow',
        answer: () =>
          new Promise((resolve) => {
            release = () => {
              resolve({ body: 'done' })
            }
          }),
      },
    ],
    { host: '127.0.0.1', port: 0, token: 'a-token', onBug: (error) => bugs.push(error) },
  )
})

afterAll(() => server.close())

function ask(path: string, options: RequestInit = {}, token = 'a-token'): Promise<Response> {
  return fetch(server.url + path, { ...options, headers: { authorization: `Bearer ${token}` } })
}

it('answers with a token, and without one where the route is open', async () => {
  expect((await ask('/size', { method: 'POST', body: 'four' })).status).toBe(200)
  for (const token of ['', 'a-toke', 'a-tokenx', 'b-token'])
    expect((await ask('/wrong', {}, token)).status).toBe(401)
  for (const [authorization, wanted] of [
    ['bearer a-token', 200],
    ['BEARER  a-token', 200],
    ['Basic a-token', 401],
    ['a-token', 401],
  ] as const)
    expect(
      (await fetch(`${server.url}/size`, { method: 'POST', body: 'four', headers: { authorization } }))
        .status,
    ).toBe(wanted)
  expect(await (await fetch(`${server.url}/open`)).text()).toBe('open')
})

it.each([
  ['/none', 'GET', 404],
  ['/size', 'GET', 405],
  ['/size', 'DELETE', 405],
  ['/%', 'GET', 404],
  ['//x', 'GET', 404],
])('%s with %s is %d', async (path, method, status) => {
  const answer = await ask(path, { method })
  expect(answer.status).toBe(status)
  expect(await answer.json()).toMatchObject({
    error: { message: expect.any(String), hint: expect.any(String) },
  })
})

it("a user's mistake is told, a bug is not", async () => {
  expect(await (await ask('/wrong')).json()).toEqual({
    error: { message: 'row 3 is wrong', hint: 'correct it' },
  })
  const answer = await ask('/bug')
  expect([answer.status, await answer.text()]).toEqual([500, '{"error":{"message":"internal error"}}\n'])
  expect(bugs).toEqual([new Error('a secret')])
})

it('a body has a limit, and the server answers afterwards', async () => {
  const body = Buffer.alloc(MOST_BYTES + 1)
  const status = await new Promise((resolve, reject) => {
    const sent = request(
      `${server.url}/size`,
      { method: 'POST', headers: { authorization: 'Bearer a-token' } },
      (response) => {
        resolve(response.statusCode)
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })
  expect(status).toBe(413)
  const most = await ask('/size', { method: 'POST', body: body.subarray(1) })
  expect(await most.json()).toBe(MOST_BYTES)
})

it.each([
  ['that is too large', MOST_BYTES + 2 ** 21, 413],
  ['without the token', 2 ** 21, 401],
])(
  'a body %s does not keep the server from closing',
  async (_what, size, wanted) => {
    const own = await listen([{ method: 'POST', path: '/size', answer: bodySize }], {
      host: '127.0.0.1',
      port: 0,
      token: 'a-token',
      onBug: (error) => bugs.push(error),
    })
    const headers = { authorization: `Bearer ${wanted === 401 ? '' : 'a-token'}` }
    const status = await new Promise((resolve) => {
      const sent = request(`${own.url}/size`, { method: 'POST', headers }, (response) => {
        resolve(response.statusCode)
        response.resume()
      })
      // The server stops reading.
      sent.on('error', () => undefined)
      sent.write(Buffer.alloc(size))
    })
    expect(status).toBe(wanted)
    await own.close()
    // Node ends idle connections after 10 seconds.
  },
  9_000,
)

it('a client that is refused while it sends its body reads the answer', async () => {
  const client = connect(Number(new URL(server.url).port), '127.0.0.1')
  client.pause()
  await once(client, 'connect')
  client.write(`POST /size HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${2 ** 21}\r\n\r\n`)
  client.write(Buffer.alloc(2 ** 20))
  await setTimeout(200)
  client.end(Buffer.alloc(2 ** 20))
  await setTimeout(50)
  expect(await text(client)).toContain('HTTP/1.1 401 Unauthorized')
})

it('a client that leaves before its body has arrived is no bug', async () => {
  const known = bugs.length
  const before = read.length
  const sent = request(`${server.url}/size`, {
    method: 'POST',
    headers: { authorization: 'Bearer a-token', 'content-length': 1000 },
  })
  sent.on('error', () => undefined)
  sent.write('[')
  await expect.poll(() => read.length).toBe(before + 1)
  sent.destroy()
  await expect(read.at(-1)).rejects.toThrow('the body did not arrive whole')
  expect(bugs).toHaveLength(known)
})

it('a taken port and a foreign address are named', async () => {
  const port = Number(new URL(server.url).port)
  const options = { host: '127.0.0.1', port, token: 't', onBug: () => undefined }
  await expect(listen([], options)).rejects.toThrow(`port ${port} of 127.0.0.1 is in use by another program`)
  await expect(listen([], { ...options, host: '192.0.2.1' })).rejects.toThrow(
    '192.0.2.1 is not an address of this machine',
  )
})

it('sends the whole of large answers that are on their way when it closes', async () => {
  const large = 'x'.repeat(2 ** 24)
  const own = await listen([{ method: 'GET', path: '/large', open: true, answer: () => ({ body: large }) }], {
    host: '127.0.0.1',
    port: 0,
    token: 'a-token',
    onBug: (error) => bugs.push(error),
  })
  const answers = await Promise.all([1, 2].map(() => fetch(`${own.url}/large`)))
  const idle = connect(Number(new URL(own.url).port), '127.0.0.1')
  await once(idle, 'connect')
  const closed = own.close()
  for (const answer of answers) expect(await answer.text()).toHaveLength(large.length)
  await closed
})

it.each(['//', '//predict', 'http://[bad/', '*', '/%zz', '/\\\\', 'http://a:b/', '/?%'])(
  'the odd address %s is no bug',
  async (path) => {
    const known = bugs.length
    const client = connect(Number(new URL(server.url).port), '127.0.0.1')
    client.end(`GET ${path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n`)
    expect(await text(client)).toMatch(/^HTTP\/1\.1 40[04] /)
    expect(bugs).toHaveLength(known)
  },
)

it('a method that a path does not take is answered with those that it takes', async () => {
  for (const [path, allow] of [
    ['/size', 'POST'],
    ['/open', 'GET, HEAD'],
  ] as const) {
    const answer = await ask(path, { method: 'DELETE' })
    expect([answer.status, answer.headers.get('allow')]).toEqual([405, allow])
  }
})

it('answers what has arrived before it closes', async () => {
  const slow = ask('/slow')
  await expect.poll(() => release).toBeDefined()
  const closed = server.close()
  release?.()
  expect(await (await slow).text()).toBe('done')
  await closed
  await expect(ask('/open')).rejects.toThrow()
})
