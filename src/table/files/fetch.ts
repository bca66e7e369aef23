import { mkdir, open, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

import { DataError, errorCode } from '../../errors.ts'
import { sha256Of } from './file.ts'
import { request } from './request.ts'
import type { Proxies } from './request.ts'

/** A file as its authors published it. */
export type RemoteFile = {
  name: string
  bytes: number
  /** In hex. */
  sha256: string
}

/** The progress of a download. */
export type FetchEvent = { kind: 'start' | 'progress' | 'end'; url: string; received: number; bytes: number }

/** Files to fetch; a mirror is the address before a file's name. */
type Download = { name: string; files: readonly RemoteFile[]; mirrors: readonly string[]; folder: string }
type Fetching = {
  /** Receives the progress. */
  watch(event: FetchEvent): Promise<void> | void
  patience?: number
  proxies?: Proxies | undefined
}

/** The longest silence of a server, in milliseconds. */
const PATIENCE = 30_000
/** Attempts at one mirror; each continues where the last one was cut off. */
const ATTEMPTS = 3

/** Fetches files into a folder; each is written under another name, checked against its SHA-256, then renamed. */
export async function fetchFiles(
  { name, files, mirrors, folder }: Download,
  fetching: Fetching,
): Promise<void> {
  await mkdir(folder, { recursive: true }).catch((cause: unknown) => {
    throw new DataError(`${folder}: the folder cannot be created (${errorCode(cause) ?? String(cause)})`, {
      cause,
      hint: (option) => `name another one with ${option('dataFolder')} or NNLAB_DATA_DIR`,
    })
  })
  for (const [i, file] of files.entries()) {
    const failures = await fetchFile(file, { mirrors, folder }, fetching)
    if (failures) throw notFetched({ name, files: files.slice(i), mirrors, folder }, failures)
  }
}

/** Tries one mirror after the other; returns what went wrong with each if all fail. */
async function fetchFile(
  file: RemoteFile,
  { mirrors, folder }: Pick<Download, 'mirrors' | 'folder'>,
  fetching: Fetching,
): Promise<string[] | undefined> {
  const target = join(folder, file.name)
  const part = `${target}.part`
  const failures: string[] = []
  for (const mirror of mirrors) {
    const failure = await fetchFrom(mirror + file.name, file, part, fetching)
    if (failure === undefined) {
      await rename(part, target)
      return undefined
    }
    failures.push(failure)
  }
  return failures
}

/** The error for all files that are still missing, of which the first has failed. */
function notFetched({ name, files, mirrors, folder }: Download, failures: readonly string[]): DataError {
  const details = files.flatMap((file, i) => [
    file.name,
    ...mirrors.map((mirror, k) => `  ${mirror}${file.name}${i === 0 ? `: ${failures[k]}` : ''}`),
  ])
  const many = files.length > 1
  return new DataError(
    `${name} could not be fetched; ${many ? 'these files are' : 'this file is'} missing:`,
    {
      details,
      hint: (option) =>
        `put ${many ? 'them' : 'it'} into ${folder} by hand, or name a folder that has ${many ? 'them' : 'it'} with ${option('dataFolder')} or NNLAB_DATA_DIR`,
    },
  )
}

/** Fetches from one address; returns what went wrong. */
async function fetchFrom(
  url: string,
  file: RemoteFile,
  part: string,
  fetching: Fetching,
): Promise<string | undefined> {
  let failure = ''
  for (let attempt = 0; attempt < ATTEMPTS; attempt++) {
    const answer = await download(url, file, part, fetching).catch((error: unknown) => reasonOf(error))
    if (answer === undefined) {
      const sha256 = await sha256Of(part)
      if (sha256 === file.sha256) return undefined
      await rm(part, { force: true })
      return `its SHA-256 is ${sha256} instead of ${file.sha256}`
    }
    failure = answer
    if (!answer.startsWith('cut off')) break
  }
  return failure
}

/** Continues a partial download; returns what went wrong. */
async function download(
  url: string,
  file: RemoteFile,
  part: string,
  { watch, patience = PATIENCE, proxies }: Fetching,
): Promise<string | undefined> {
  const before = await stat(part).then(
    ({ size }) => (size < file.bytes ? size : 0),
    () => 0,
  )
  let received = before
  await watch({ kind: 'start', url, received, bytes: file.bytes })
  const abort = new AbortController()
  const giveUp = (): void => abort.abort(new Error(`no answer for ${patience / 1000} s`))
  let timer = setTimeout(giveUp, patience)
  try {
    const headers: Record<string, string> = before > 0 ? { range: `bytes=${before}-` } : {}
    const response = await request(url, { headers, signal: abort.signal, proxies })
    const { statusCode = 0, statusMessage = '' } = response
    if (statusCode < 200 || statusCode > 299) {
      response.destroy()
      return `HTTP ${statusCode} ${statusMessage}`.trim()
    }
    const goesOn =
      statusCode === 206 && response.headers['content-range']?.startsWith(`bytes ${before}-`) === true
    if (!goesOn) received = 0
    const chunks: AsyncIterable<Uint8Array> = response
    const output = await open(part, goesOn ? 'a' : 'w')
    try {
      for await (const chunk of chunks) {
        clearTimeout(timer)
        timer = setTimeout(giveUp, patience)
        received += chunk.length
        if (received > file.bytes) {
          await output.truncate(0)
          return `it is longer than the ${file.bytes} bytes of the file`
        }
        await output.write(chunk)
        await watch({ kind: 'progress', url, received, bytes: file.bytes })
      }
      await output.sync()
    } catch (error) {
      return `cut off after ${received} of ${file.bytes} bytes (${reasonOf(error)})`
    } finally {
      await output.close()
    }
    return received < file.bytes ? `cut off after ${received} of ${file.bytes} bytes` : undefined
  } finally {
    clearTimeout(timer)
    await watch({ kind: 'end', url, received, bytes: file.bytes })
  }
}

/** The reason of a failure, in a word: of a request that was given up, the one for that. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  if (error.name === 'AbortError' && error.cause instanceof Error) return error.cause.message
  return errorCode(error) ?? error.message
}
