import { execFile } from 'node:child_process'
import { readFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'

import { build } from 'esbuild'
import { onTestFinished } from 'vitest'
import * as z from 'zod'

import { chromiumPath } from './chromium-path.ts'
import { folderOf } from './support.ts'

async function bundled(program: string): Promise<string> {
  const { outputFiles } = await build({
    stdin: { contents: program, resolveDir: import.meta.dirname },
    bundle: true,
    format: 'iife',
    write: false,
    logLevel: 'silent',
  })
  return outputFiles[0]?.text ?? ''
}

/**
 * Opens a page that runs a program, at /script.js, with the files of a folder at /model/ and with rows, at /rows.json;
 * resolves to what it posts to /answer.
 */
export async function inPage(program: string, folder: string, rows: readonly unknown[]): Promise<unknown> {
  const script = await bundled(program)
  const profile = await folderOf()
  return new Promise((resolve, reject) => {
    const server = createServer((request, response) => {
      const path = request.url ?? '/'
      if (path === '/answer') {
        let body = ''
        request.on('data', (text: Buffer) => void (body += text.toString()))
        request.on('end', () => {
          response.end()
          resolve(JSON.parse(body))
        })
      } else if (path === '/') {
        response.setHeader('content-type', 'text/html').end('<script src="/script.js"></script>')
      } else if (path === '/script.js') response.setHeader('content-type', 'text/javascript').end(script)
      else if (path === '/rows.json') response.end(JSON.stringify(rows))
      else {
        readFile(join(folder, path.replace('/model/', ''))).then(
          (file) => response.end(file),
          () => response.writeHead(404).end(),
        )
      }
    })
    onTestFinished(() => void server.close())
    server.listen(0, '127.0.0.1', () => {
      const { port } = z.custom<AddressInfo>().parse(server.address())
      const flags = [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--no-first-run',
        '--disable-dev-shm-usage',
      ]
      const page = execFile(chromiumPath ?? '', [
        ...flags,
        `--user-data-dir=${profile}`,
        `http://127.0.0.1:${port}/`,
      ])
      page.on('error', reject)
      onTestFinished(async () => {
        const closed = new Promise((done) => page.on('close', done))
        page.kill('SIGKILL')
        await closed
      })
    })
  })
}
