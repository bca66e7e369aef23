import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { describe, expect, it, onTestFinished } from 'vitest'
import { fetchFiles } from '../../../src/table/files/fetch.ts'
import type { FetchEvent } from '../../../src/table/files/fetch.ts'
import { DataError } from '../../../src/errors.ts'
import { folderOf } from '../../data/support.ts'
import type { RequestListener, ServerResponse } from 'node:http'

const content = Buffer.alloc(100_000, 'nnlab')
const file = {
  name: 'x.gz',
  bytes: content.length,
  sha256: createHash('sha256').update(content).digest('hex'),
}

/** A server with this answer; returns its address. */
async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  const address = server.address()
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`
}

const right: RequestListener = (_, response) => void response.end(content)
/** The answer whose connection ends as soon as half of the bytes were written. */
let half: ServerResponse | undefined
/** Half of the bytes, and then the end of the connection. */
const cut = (response: ServerResponse, from: number): void => {
  response.writeHead(from > 0 ? 206 : 200, {
    'content-length': content.length - from,
    'content-range': `bytes ${from}-${content.length - 1}/${content.length}`,
  })
  response.write(content.subarray(from, from + 50_000))
  half = response
}

async function run(answers: RequestListener[], patience = 500, files = [file]) {
  const folder = await folderOf({})
  const mirrors = await Promise.all(answers.map(serve))
  const said: string[] = []
  const watch = (event: { kind: string; url: string; received: number }) => {
    if (event.kind === 'start')
      said.push(`${mirrors.indexOf(event.url.replace('x.gz', ''))} from ${event.received}`)
    if (event.kind === 'progress' && event.received >= 50_000) {
      half?.destroy()
      half = undefined
    }
  }
  const error: unknown = await fetchFiles({ name: 'x', files, mirrors, folder }, { watch, patience }).catch(
    (e: unknown) => e,
  )
  return { folder, mirrors, said, error, names: (await readdir(folder)).sort() }
}

describe('fetching a file', () => {
  it('writes it when it is the right one, and says from where', async () => {
    const { folder, said, error, names } = await run([right])
    expect(error).toBeUndefined()
    expect(names).toEqual(['x.gz'])
    expect(await readFile(join(folder, 'x.gz'))).toEqual(content)
    expect(said).toEqual(['0 from 0'])
  })

  it('ends with all bytes received', async () => {
    const [folder, mirror] = [await folderOf({}), await serve(right)]
    const events: [kind: string, received: number][] = []
    const watch = ({ kind, received }: FetchEvent): void => void events.push([kind, received])
    await fetchFiles({ name: 'x', files: [file], mirrors: [mirror], folder }, { watch })
    expect([events[0], events.at(-1)]).toEqual([
      ['start', 0],
      ['end', content.length],
    ])
  })

  it('goes on where it was cut off', async () => {
    const ranges: unknown[] = []
    const { error, said } = await run([
      (request, response) => {
        ranges.push(request.headers.range)
        if (ranges.length === 1) return cut(response, 0)
        response.writeHead(206, { 'content-range': `bytes 50000-99999/100000` })
        response.end(content.subarray(50_000))
      },
    ])
    expect(error).toBeUndefined()
    expect(ranges).toEqual([undefined, 'bytes=50000-'])
    expect(said).toEqual(['0 from 0', '0 from 50000'])
  })

  it('starts again where a server knows no ranges', async () => {
    let asked = 0
    const { error } = await run([
      (_, response) => (asked++ === 0 ? cut(response, 0) : void response.end(content)),
    ])
    expect(error).toBeUndefined()
  })

  it.each<[string, RequestListener]>([
    ['has the wrong bytes', (_, response) => void response.end(Buffer.alloc(content.length, 'other'))],
    ['has too many bytes', (_, response) => void response.end(Buffer.alloc(200_000))],
    ['does not have it', (_, response) => void response.writeHead(404).end()],
    ['says nothing', () => undefined],
    ['stops half way', (_, response) => void response.write(content.subarray(0, 1000))],
  ])('takes the second mirror where the first %s', async (_, wrong) => {
    const { error, names } = await run([wrong, right], 100)
    expect(error).toBeUndefined()
    expect(names).toEqual(['x.gz'])
  })

  it('is patient with a slow server', async () => {
    const slow: RequestListener = (_, response) => {
      let sent = 0
      const timer = setInterval(() => {
        response.write(content.subarray(sent, (sent += 10_000)))
        if (sent < content.length) return
        clearInterval(timer)
        response.end()
      }, 30)
    }
    expect((await run([slow], 150)).error).toBeUndefined()
  })

  it('says what every mirror answered and where the file can be put by hand', async () => {
    const { error, mirrors, folder, names } = await run([
      (_, response) => void response.writeHead(404).end(),
      (_, response) => void response.end(Buffer.alloc(content.length)),
    ])
    const zeros = createHash('sha256').update(Buffer.alloc(content.length)).digest('hex')
    expect(error).toBeInstanceOf(DataError)
    expect(error).toMatchObject({
      name: 'DataError',
      message: [
        'x could not be fetched; this file is missing:',
        '  x.gz',
        `    ${mirrors[0]}x.gz: HTTP 404 Not Found`,
        `    ${mirrors[1]}x.gz: its SHA-256 is ${zeros} instead of ${file.sha256}`,
      ].join('\n'),
      hint: `put it into ${folder} by hand, or name a folder that has it with dataFolder or NNLAB_DATA_DIR`,
    })
    expect(names).toEqual([])
  })

  it('lists all files that are missing, after the first that no mirror has', async () => {
    const others = ['y.gz', 'z.gz'].map((name) => ({ ...file, name }))
    let asked = 0
    const { error, mirrors, folder, names } = await run(
      [
        (request, response) => {
          asked++
          if (request.url === '/x.gz') response.end(content)
          else response.writeHead(503).end()
        },
      ],
      500,
      [file, ...others],
    )
    expect(error).toMatchObject({
      message: [
        'x could not be fetched; these files are missing:',
        '  y.gz',
        `    ${mirrors[0]}y.gz: HTTP 503 Service Unavailable`,
        '  z.gz',
        `    ${mirrors[0]}z.gz`,
      ].join('\n'),
      hint: expect.stringMatching(`^put them into ${folder} by hand`),
    })
    expect([asked, names]).toEqual([2, ['x.gz']])
  })

  it('says so where there is no network', async () => {
    const folder = await folderOf({})
    const watch = () => undefined
    const mirrors = ['http://127.0.0.1:9/', 'http://nowhere.invalid/']
    await expect(fetchFiles({ name: 'x', files: [file], mirrors, folder }, { watch })).rejects.toThrow(
      /x could not be fetched.*\n {2}x\.gz\n {4}http:\/\/127\.0\.0\.1:9\/x\.gz: .+\n {4}http:\/\/nowhere\.invalid\/x\.gz: .+/,
    )
  })

  it('begins anew where another program left too much, and leaves nothing half done under the name', async () => {
    const folder = await folderOf({ 'x.gz.part': Buffer.alloc(content.length + 1) })
    const [mirror = ''] = await Promise.all([serve(right)])
    const watch = () => undefined
    await fetchFiles({ name: 'x', files: [file], mirrors: [mirror], folder }, { watch })
    expect(await readdir(folder)).toEqual(['x.gz'])
    expect(await readFile(join(folder, 'x.gz'))).toEqual(content)
  })

  it('keeps what a server that went away had sent for the next time', async () => {
    let goesOn = false
    const ranges: unknown[] = []
    const server: RequestListener = (request, response) => {
      ranges.push(request.headers.range)
      if (!goesOn) return void (ranges.length === 1 ? cut(response, 0) : response.writeHead(500).end())
      response.writeHead(206, { 'content-range': 'bytes 50000-99999/100000' })
      response.end(content.subarray(50_000))
    }
    const folder = await folderOf({})
    const mirror = await serve(server)
    const watch = () => undefined
    const fetching = () => fetchFiles({ name: 'x', files: [file], mirrors: [mirror], folder }, { watch })
    await expect(fetching()).rejects.toThrow('HTTP 500')
    expect(await readdir(folder)).toEqual(['x.gz.part'])
    goesOn = true
    await fetching()
    expect(ranges.at(-1)).toBe('bytes=50000-')
    expect(await readFile(join(folder, 'x.gz'))).toEqual(content)
  })
})
