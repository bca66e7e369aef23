import { mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'

import * as z from 'zod'

import { escape } from './chart.ts'
import type { Network } from './peers/conversation.ts'
import type { Peer } from './peers/list.ts'
import { fastestRival } from './report.ts'
import type { Results } from './report.ts'

const entrySchema = z.object({
  date: z.iso.date(),
  processor: z.string(),
  threads: z.number(),
  /** How many times as long a step takes in the fastest rival as in nnlab, by the networks' titles. */
  ratios: z.record(z.string(), z.object({ rival: z.string(), ratio: z.number() })),
})
export type Entry = z.output<typeof entrySchema>

const WIDTH = 900
const LEFT = 480
const RIGHT = 40
const ROW = 20
const TOP = 46

/** Keeps the ratios of a whole run in history/, in a file of its date, and draws those of all dates. */
export function recordHistory(folder: string, entry: Entry): void {
  mkdirSync(`${folder}/history`, { recursive: true })
  writeFileSync(`${folder}/history/${entry.date}.json`, `${JSON.stringify(entry, null, 2)}\n`)
  const entries = readdirSync(`${folder}/history`)
    .filter((name) => name.endsWith('.json'))
    .sort()
    .map((name) => entrySchema.parse(JSON.parse(readFileSync(`${folder}/history/${name}`, 'utf8'))))
  writeFileSync(`${folder}/history.svg`, historyChart(entries))
}

export function entryOf(
  results: Results,
  networks: readonly Network[],
  peers: readonly Peer[],
  threads: number,
): Entry {
  const ratios = networks.flatMap((network) => {
    const own = results.steps.find((row) => row.network === network.name && row.peer === 'nnlab')?.median
    const rival = fastestRival(results.steps, network, peers)
    if (own === undefined || rival?.median === undefined) return []
    return [
      [network.title, { rival: rival.peer, ratio: Number((rival.median / own).toPrecision(3)) }] as const,
    ]
  })
  const { date, processor } = results.machine
  return entrySchema.parse({ date, processor, threads, ratios: Object.fromEntries(ratios) })
}

/** A line for each network, with a dot for each entry: hollow ones are older. The scale is logarithmic. */
function historyChart(entries: readonly Entry[]): string {
  const titles = [...new Set(entries.flatMap(({ ratios }) => Object.keys(ratios)))]
  const latest = (title: string): number =>
    entries.findLast(({ ratios }) => title in ratios)?.ratios[title]?.ratio ?? 0
  titles.sort((a, b) => latest(a) - latest(b))
  const all = entries.flatMap(({ ratios }) => Object.values(ratios).map(({ ratio }) => ratio))
  const [low, high] = [Math.log2(Math.min(0.5, ...all)), Math.log2(Math.max(2, ...all))]
  const x = (ratio: number): string =>
    (LEFT + ((Math.log2(ratio) - low) / (high - low)) * (WIDTH - LEFT - RIGHT)).toFixed(1)
  const height = TOP + ROW * titles.length
  const ticks = [0.25, 0.5, 1, 2, 4, 8, 16, 32, 64, 128].filter(
    (tick) => Math.log2(tick) >= low && Math.log2(tick) <= high,
  )
  const axis = ticks.map(
    (tick) =>
      `<line x1="${x(tick)}" x2="${x(tick)}" y1="${TOP - 12}" y2="${height}" class="${tick === 1 ? 'one' : 'line'}"/>` +
      `<text x="${x(tick)}" y="${TOP - 18}" class="axis">${tick}x</text>`,
  )
  const rows = titles.map((title, i) => {
    const y = TOP + ROW * i + ROW / 2
    const dots = entries.flatMap(({ date, ratios }) => {
      const found = ratios[title]
      return found === undefined ? [] : [{ date, ...found }]
    })
    const xs = dots.map(({ ratio }) => Number(x(ratio)))
    return [
      `<text x="${LEFT - 10}" y="${y + 4}" class="label">${escape(title)}</text>`,
      `<line x1="${Math.min(...xs)}" x2="${Math.max(...xs)}" y1="${y}" y2="${y}" class="way"/>`,
      ...dots.map(
        ({ date, rival, ratio }, at) =>
          `<circle cx="${x(ratio)}" cy="${y}" r="4" class="${at === dots.length - 1 ? 'last' : 'older'}">` +
          `<title>${date}: ${ratio}x (${escape(rival)})</title></circle>`,
      ),
    ].join('')
  })
  const dates = entries.map(({ date }) => date)
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height + 8}" width="${WIDTH}" height="${height + 8}" role="img" aria-label="Time of a training step in the fastest rival over that in nnlab, for each network and date">
<style>
text { font: 11px system-ui, sans-serif; fill: #24292f }
.label { text-anchor: end } .axis { text-anchor: middle; fill: #6e7781 }
.line { stroke: #8c959f; stroke-opacity: 0.3 } .one { stroke: #8c959f } .way { stroke: #0969da; stroke-opacity: 0.5 }
.last { fill: #0969da } .older { fill: #ffffff; stroke: #0969da; stroke-width: 1.5 }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 } .axis { fill: #9198a1 }
  .way { stroke: #58a6ff } .last { fill: #58a6ff } .older { fill: #0d1117; stroke: #58a6ff }
}
</style>
<text x="8" y="14">Time of a step in the fastest rival over that in nnlab: ${escape(dates.join(', '))} (the last one filled)</text>
${[...axis, ...rows].join('\n')}
</svg>
`
}
