import type { Network } from './peers/conversation.ts'
import type { Peer } from './peers/list.ts'
import type { Row } from './rounds.ts'

const WIDTH = 760
const LEFT = 150
const RIGHT = 90
const BAR = 13
const GAP = 26

/** Milliseconds a step as bars on a logarithmic scale, a group for each network; drawn for light and dark pages. */
export function chart(networks: readonly Network[], peers: readonly Peer[], rows: readonly Row[]): string {
  const times = rows.flatMap(({ median }) => (median === undefined ? [] : [median]))
  const low = Math.floor(Math.log10(Math.min(...times)))
  const high = Math.ceil(Math.log10(Math.max(...times)))
  const x = (ms: number): number => LEFT + ((Math.log10(ms) - low) / (high - low)) * (WIDTH - LEFT - RIGHT)
  const marks: string[] = []
  let y = 30
  for (const network of networks) {
    marks.push(`<text x="8" y="${y}" class="title">${escape(network.title)}</text>`)
    y += 8
    for (const peer of peers) {
      const row = rows.find((candidate) => candidate.network === network.name && candidate.peer === peer.name)
      if (row === undefined) continue
      const middle = y + BAR - 3
      marks.push(`<text x="${LEFT - 6}" y="${middle}" class="label">${escape(peer.title)}</text>`)
      if (row.median === undefined) {
        marks.push(`<text x="${LEFT + 4}" y="${middle}" class="value">no number</text>`)
      } else {
        const width = Math.max(1, x(row.median) - LEFT).toFixed(1)
        marks.push(
          `<rect x="${LEFT}" y="${y}" width="${width}" height="${BAR - 3}" class="${peer.role}"/>`,
          `<text x="${(x(row.median) + 4).toFixed(1)}" y="${middle}" class="value">${time(row.median)}</text>`,
        )
      }
      y += BAR
    }
    y += GAP
  }
  const lines = Array.from({ length: high - low + 1 }, (_, i) => {
    const at = x(10 ** (low + i)).toFixed(1)
    return `<line x1="${at}" x2="${at}" y1="18" y2="${y - GAP}" class="line"/><text x="${at}" y="12" class="axis">${time(10 ** (low + i))}</text>`
  })
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${y}" width="${WIDTH}" height="${y}" role="img" aria-label="Time per training step, logarithmic; shorter is faster">
<style>
text { font: 11px system-ui, sans-serif; fill: #24292f }
.title { font-weight: 600 } .label { text-anchor: end } .axis { text-anchor: middle; fill: #6e7781 } .value { fill: #57606a }
.line { stroke: #8c959f; stroke-opacity: 0.3 }
.nnlab { fill: #0969da } .rival { fill: #9a6700; fill-opacity: 0.75 } .yardstick { fill: #8c959f }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .axis, .value { fill: #9198a1 }
  .nnlab { fill: #58a6ff } .rival { fill: #d29922 } .yardstick { fill: #6e7681 }
}
</style>
${[...lines, ...marks].join('\n')}
</svg>
`
}

/** Of a step, in the unit that fits. */
export function time(ms: number): string {
  if (ms >= 1000) return `${digits(ms / 1000)} s`
  return ms >= 0.1 ? `${digits(ms)} ms` : `${digits(ms * 1000)} µs`
}

function digits(value: number): string {
  return String(Number(value.toPrecision(3)))
}

export function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;')
}
