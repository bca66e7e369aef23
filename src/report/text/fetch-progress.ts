import { SingleBar } from 'cli-progress'

import type { FetchEvent } from '../../table/files/fetch.ts'

/** Writes a line for each file that is fetched, and on a terminal a progress bar below it. */
export function fetchProgress(
  stream: NodeJS.WritableStream & { readonly isTTY?: boolean },
): (event: FetchEvent) => void {
  let bar: SingleBar | undefined
  return ({ kind, url, received, bytes }) => {
    if (kind === 'start') {
      const rest = received > 0 ? `, from byte ${received}` : ''
      stream.write(`fetching ${url} (${megabytes(bytes)}${rest})\n`)
      if (!stream.isTTY) return
      bar = new SingleBar({ stream, format: '{bar} {percentage} %', clearOnComplete: true, barsize: 30 })
      bar.start(bytes, received)
    } else if (kind === 'progress') bar?.update(received)
    else {
      bar?.stop()
      bar = undefined
    }
  }
}

function megabytes(bytes: number): string {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`
}
