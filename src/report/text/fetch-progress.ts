import type { FetchEvent } from '../../table/files/fetch.ts'
import { Bars } from './bars.ts'
import type { Bar } from './bars.ts'
import type { Screen } from './screen.ts'
import { lines } from './terminal-text.ts'

/** Writes a line for each file that is fetched, and on a terminal a progress bar below it. */
export function fetchProgress(screen: Screen): (event: FetchEvent) => void {
  let bars: Bars | undefined
  let bar: Bar | undefined
  return ({ kind, url, received, bytes }) => {
    if (kind === 'start') {
      const rest = received > 0 ? `, from byte ${received}` : ''
      screen.write(lines([`fetching ${url} (${megabytes(bytes)}${rest})`]))
      if (!screen.draws) return
      bars = new Bars(screen, '{bar} {percentage} %')
      bar = bars.add('', bytes, received)
    } else if (kind === 'progress') bar?.(received)
    else {
      bars?.stop()
      bars = bar = undefined
    }
  }
}

function megabytes(bytes: number): string {
  return bytes < 1e6 ? `${Math.ceil(bytes / 1e3)} kB` : `${(bytes / 1e6).toFixed(1)} MB`
}
